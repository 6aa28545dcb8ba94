package dev.canonica.clarid.report.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Images of one kind of background, plotted and averaged apart from the others.
 *
 * @param key names it in the page's attributes
 * @param name names it to the reader
 */
public record Group(String key, String name, List<Item> items) {

    /** The groups in the order in which the items name them, by that name. */
    public static Map<String, Group> byName(ReportData data) {
        Map<String, List<Item>> items = new LinkedHashMap<>();
        for (Item item : data.items()) {
            items.computeIfAbsent(item.group(), name -> new ArrayList<>()).add(item);
        }
        Map<String, Group> groups = new LinkedHashMap<>();
        items.forEach((name, members) ->
                groups.put(name, new Group("g" + groups.size(), title(name, items.size()), List.copyOf(members))));
        return groups;
    }

    /** The groups in the order in which the items name them. */
    public static List<Group> of(ReportData data) {
        return List.copyOf(byName(data).values());
    }

    private static String title(String name, int groups) {
        if (name.isBlank()) {
            return groups == 1 ? "All images" : "Other";
        }
        return Html.capital(name);
    }

    /** {@code Patterned · 13 images}. */
    public String heading() {
        return name + " · " + Numbers.count(items.size(), "image");
    }
}
