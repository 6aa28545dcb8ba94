package dev.canonica.cadistill.evaluate;

import dev.canonica.data.image.Image;
import java.util.function.IntFunction;

/**
 * One way in which the images of a set are shown to a model.
 *
 * @param id its name in results and folders: {@code clean}, {@code gaussian_noise-3}, {@code mixed-rand}
 * @param image image i of the set, shown so; a function of i alone
 */
public record Variant(String id, IntFunction<Image> image) {}
