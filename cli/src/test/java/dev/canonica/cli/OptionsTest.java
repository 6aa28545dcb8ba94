package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cli.terminal.Home;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.memory.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every option of every command changes what comes out, or is refused by name; numbers out of bounds are misuse. */
class OptionsTest {
    /**
     * Commands, each followed by options that change what comes out of it. {@code $} is the folder of inputs, {@code @} that of results, {@code #} one
     * thread more than there are processors; {@code without} takes an option away.
     */
    private static final String CHANGES = """
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute sample
                --model $other
                --inputs $in2.npz
                --outputs @there.npz
                --compute invert
                --dtype f64
                --precision bf16
                --schedule linear
                --train-steps 500
                --prediction epsilon
                --steps 4
                --spacing trailing
                --set-alpha-to-one=false
                --te 0.4
                --guidance 2
                --device cuda:7
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute sample --schedule linear
                --beta-start 1e-3
                --beta-end 0.03
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute sample --spacing leading
                --steps-offset 1
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute sample --guidance 3
                --guidance-channels 1
                --null-class 0
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute invert
                --inversion diffusers
            run --model $dit --inputs $in.npz --outputs @out.npz --compute svd:blocks.1:3 --sweeps 6 --tolerance 1e-12
                --tolerance 0.9
                --sweeps 2
                --oversample 0
                --seed 1
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute clarep:blocks.1:3 --k 1
                --k 2
                --projection selective
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute clarep:blocks.1:3 --projection local-soft
                --strength 1
                --map plain
                --map-signals 0.5
                --map-noises 3
                --map-classes 0
                --map-blur 0.5
                --map-percentile 0.9
                --map-floor 5
                --map-colour 3
                --replace noise
                --replace mean
                --restore-norm
                --seed 1
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute clarep:blocks.1:3 --projection evidence
                --strength 3
                --weight 0
            run --model $dit --inputs $in.npz --outputs @out.npz --steps 5 --compute clarep:blocks.1:8 --k 2 --projection selective
                --selection greedy
            run --model $resnet/model --inputs $resnet/inputs.npz --outputs @out.npz --compute forward
                --mode train
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --batch 4 --report 0
                --model $other
                --data $images2
                --out @y
                --layer blocks.0
                --rank 2
                --k 3
                --limit 3
                --batch 2
                --report 1
                --shard 1/3
                --tr 0.5
                --feature-layer blocks.0
                --feature-way noised
                --feature-way inverted
                --dtype f64
                --class-ids 1,0
                --schedule linear
                --train-steps 500
                --prediction epsilon
                --steps 5
                --spacing trailing
                --set-alpha-to-one=false
                --te 0.5
                --inversion diffusers
                --tolerance 0.5
                --sweeps 1
                --oversample 0
                --seed 1
                --precision bf16
                --device cuda:7
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --k 1 --steps 4 --te 1 --report 0
                --projection selective
                --projection multistep
                --projection local
                --guidance 2
                --replace mean
                --restore-norm
            extract --model $dit --data $images --out @x --layer blocks.1 --steps 4 --te 1 --report 0
                --projection local-soft
                --projection evidence
            extract --model $dit --data $images --out @x --layer blocks.1 --steps 4 --te 1 --report 0 --projection local-soft
                --strength 1
                --map plain
                --map-signals 0.5
                --map-noises 3
                --map-classes 0
                --map-blur 0.5
                --map-percentile 0.9
                --map-floor 5
                --map-colour 3
                --replace noise
                --replace mean
                --restore-norm
            extract --model $dit --data $images --out @x --layer blocks.1 --steps 4 --te 1 --report 0 --projection evidence
                --weight 0
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 1
                --explore 0
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --k 1 --steps 4 --te 1 --report 0 --projection selective
                --selection greedy
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --guidance 3
                --guidance-channels 1
                --null-class 0
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --schedule linear
                --beta-start 1e-3
                --beta-end 0.03
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --spacing leading
                --steps-offset 1
            extract --model $dit --data cifar10:train --out @x --layer blocks.1 --rank 1 --steps 4 --report 0
                --data-dir $sets
            extract --model $sd --data $photos --out @x --layer mid_block --rank 1 --steps 2 --te 0.5 --report 0 --prompt cat
                --prompt dog
                --negative bad
                --vae $vae
            extract --model $sd --data $photos --out @x --layer mid_block --rank 1 --steps 2 --te 0.5 --report 0 --prompt ﬁ
                --tokenizer openai
            extract --model $sd --data $photos --out @x --layer mid_block --rank 1 --steps 2 --te 0.5 --report 0 --prompts $texts
                --prompts $texts2
            extract --model $sd --data $photos --out @x --layer mid_block --rank 1 --steps 2 --te 0.5 --report 0 --template {}
                --template a{}
            extract --model $dit --data $own --out @x --layer blocks.1 --rank 1 --steps 4 --report 0 --resize --class 0
                --skip-bad
            extract --model $dit --data $own --out @x --layer blocks.1 --rank 1 --steps 4 --report 0 --skip-bad --class 0
                --resize
            extract --model $dit --data $own --out @x --layer blocks.1 --rank 1 --steps 4 --report 0 --skip-bad --resize
                --class 1
            sample --model $dit --out @s --steps 3 --count 2
                --model $other
                --classes 1
                --count 3
                --steps 4
                --guidance 4
                --seed 1
                --out @s.png
                --precision bf16
                --device cuda:7
            sample --model $sd --out @s --steps 2 --count 1 --prompt cat
                --prompt dog
                --negative bad
                --vae $vae
            sample --model $sd --out @s --steps 2 --count 1 --prompt &amp;
                --tokenizer openai
            train --data $images --out @m --patch-size 4 --hidden-size 8 --depth 1 --heads 2 --batch 3 --images 9 --warmup 1
                --data $images2
                --out @n
                --patch-size 2
                --hidden-size 16
                --depth 2
                --heads 1
                --images 12
                --batch 4
                --rate 1e-3
                --final-rate 1e-4
                --warmup 2
                --weight-decay 0.5
                --clip 0.01
                --ema-decay 0.1
                --label-dropout 1
                --flip
                --schedule linear
                --prediction epsilon
                --seed 1
                --weights f16
                --validation $images2
                --hold-out 0.6
                --evaluate-every 1
                --tensorboard
                --device cuda:7
            train --data $images --out @m --patch-size 4 --hidden-size 8 --depth 1 --heads 2 --batch 3 --images 12 --warmup 1
                --decay steps
            train --data $images --out @m --patch-size 4 --hidden-size 8 --depth 1 --heads 2 --batch 3 --images 12 --warmup 1 --decay steps
                --milestones 0.6
                --drop 0.5
            train --data $images --out @m --patch-size 4 --hidden-size 8 --depth 1 --heads 2 --batch 3 --images 36 --warmup 0 --rate 1e-30 --final-rate 0 --ema-decay 0 --evaluate-every 1
                --patience 1
            train --data $images --out @m --batch 1 --images 1
                --from $dit
                --model DiT-S/8
            train --data cifar10:train --out @m --batch 1 --images 1 --depth 1
                --data-dir $sets
            distill --method cadistill --student $small.json --data $dozen --validation $images --extraction $extraction --share 1 --epochs 1 --batch 4 --pairs 4 --rate 0.01 --out @m
                --method cfg
                --student resnet8
                --student $kd
                --validation $images2
                --extraction $extraction2
                --out @n
                --share 0.5
                --companions repeated
                --companions guided
                --companions shrunk
                --features tokens
                --lambda-cs 1
                --lambda-cf 0
                --lambda-dist 2
                --dist gram
                --epochs 2
                --batch 5
                --pairs 5
                --rate 0.02
                --warmup 0
                --optimizer adamw
                --momentum 0.5
                --nesterov=false
                --weight-decay 0.1
                --clip 0.01
                --ema-decay 0.5
                --augment flip
                --mix mixup
                --seed 1
                --device cuda:7
            distill --method cadistill --student $small.json --data $dozen --validation $images --extraction $extraction --share 1 --epochs 1 --batch 4 --pairs 4 --companions shrunk --features tokens --mix mixup --out @m
                --shrink 0.2
                --feature-rank 2
                --mix-alpha 0.2
            distill --method cfg --student $small.json --data $dozen --validation $images --extraction $extraction --share 1 --epochs 1 --batch 4 --pairs 4 --out @m
                --cfg-scale 9
            distill --method fitnet --student $small.json --data $dozen --validation $images --extraction $extraction --share 1 --epochs 2 --batch 4 --pairs 4 --out @m
                --hint-epochs 1
                --method rkd
                --method at
            distill --method kd --student $small.json --data $dozen --validation $images --teacher $kd --epochs 1 --batch 4 --out @m
                --teacher $kd2
                --temperature 1
                --soft 0.1
            distill --method trades --student $small.json --data $dozen --validation $images --epochs 1 --batch 4 --attack-steps 2 --out @m
                --eps 1/255
                --step-size 1/255
                --attack-steps 1
                --beta 1
                --method pgd-at
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 2 --batch 4 --warmup 0.3 --out @m
                --label-smoothing 0.3
                --tensorboard
                --decay steps
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 2 --batch 4 --warmup 0.3 --decay steps --out @m
                --milestones 0.6
                --drop 0.5
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 4 --batch 4 --rate 1e-30 --out @m
                --patience 1
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --batch 4 --out @m
                --data $other12
            distill --method vanilla --student $small.json --data cifar10:train --validation $images --epochs 1 --batch 2 --out @m
                --data-dir $sets
            sweep --model $dit --data $images --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=3 --steps 4 --batch 4 --pictures 1
                --model $other
                --data $images2
                --out @y
                --grid layer=blocks.0
                --setting te=0.5,layer=blocks.0,n=1
                --controls guidance
                --classifier $kd
                --limit 4
                --batch 2
                --pictures 2
                --dtype f64
                --class-ids 1,0
                --shard 0/2
                --schedule linear
                --train-steps 500
                --prediction epsilon
                --steps 5
                --spacing trailing
                --set-alpha-to-one=false
                --inversion diffusers
                --tolerance 0.9
                --sweeps 1
                --oversample 0
                --seed 1
                --precision bf16
                --device cuda:7
            sweep --model $dit --data $images --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4 --schedule linear
                --beta-start 1e-3
                --beta-end 0.03
            sweep --model $dit --data $images --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4 --spacing leading
                --steps-offset 1
            sweep --model $home/demo/model --data $images --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4
                --no-own
            sweep --model $dit --data cifar10:train --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4
                --data-dir $sets
            sweep --model $sd --data $photos --out @x --grid layer=mid_block --grid te=0.5 --grid n=1 --steps 2 --prompt cat
                --prompt dog
                --negative bad
                --vae $vae
            sweep --model $sd --data $photos --out @x --grid layer=mid_block --grid te=0.5 --grid n=1 --steps 2 --prompt ﬁ
                --tokenizer openai
            sweep --model $sd --data $photos --out @x --grid layer=mid_block --grid te=0.5 --grid n=1 --steps 2 --prompts $texts
                --prompts $texts2
            sweep --model $sd --data $photos --out @x --grid layer=mid_block --grid te=0.5 --grid n=1 --steps 2 --template {}
                --template a{}
            sweep --model $dit --data $own --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4 --resize --class 0
                --skip-bad
            sweep --model $dit --data $own --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4 --skip-bad --class 0
                --resize
            sweep --model $dit --data $own --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=1 --steps 4 --skip-bad --resize
                --class 1
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --batch 2 --steps 4 --out @x
                --model $other
                --classifier $kd2
                --grid te=0.5
                --count 4
                --batch 3
                --out @y
                --seed 1
                --guidance 2
                --schedule linear
                --train-steps 500
                --prediction epsilon
                --steps 5
                --spacing trailing
                --set-alpha-to-one=false
                --precision bf16
                --device cuda:7
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --steps 4 --out @x --guidance 3
                --guidance-channels 1
                --null-class 0
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --steps 4 --out @x --schedule linear
                --beta-start 1e-3
                --beta-end 0.03
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --steps 4 --out @x --spacing leading
                --steps-offset 1
            experiment clarid --scale tiny --images 2 --questions steps --model $scenes --data-dir $garments --out @e
                --out @f
                --images 3
                --questions adaptive
                --data-dir $garments2
                --device cuda:7
            experiment satellite --scale tiny --data $patches.rda --out @e
                --out @f
                --data $patches2.rda
                --device cuda:7
            experiment cadistill --scale tiny --images 25 --tested 5 --epochs 1 --seeds 1 --students vanilla --data-dir $garments --out @e
                --out @f
                --data-dir $garments2
                --device cuda:7
            metric knn --inputs $knn.npz --outputs @out.npz
                --inputs $knn2.npz
                --outputs @there.npz
                --neighbours 1
                --dtype f32
            metric knn --inputs $votes.npz --neighbours 3
                --temperature 1000
            metric kmeans --inputs $points.npz --clusters 3 --restarts 1
                --clusters 4
                --restarts 20
                --seed 7
            metric cka --inputs $features.npz --sigma 2
                --sigma 3
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks pgd --norm linf --eps 0.01 --steps 3 --restarts 2 --no-checks
                --model $classifier2
                --inputs $attacked2.npz
                --outputs @there.npz
                --attacks fgsm,pgd
                --norm l2
                --eps 1/200
                --seed 1
                --steps 4
                --step-size 1/500
                --restarts 1
                --noise 0.1
                --shard 0/2
                --device cuda:7
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks pgd --norm linf --eps 0.01 --steps 3 --noise 0.1 --no-checks
                --eot 2
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks pgd --norm l2 --eps 0.01 --steps 3 --noise 0.1 --no-checks
                --certify 50
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks apgd-t --norm linf --eps 0.05 --steps 5 --targets 1 --no-checks
                --targets 2
                --until-broken
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks fgsm --norm linf --eps 0.01
                --no-checks
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks square --norm linf --eps 0.05 --queries 2 --no-checks
                --queries 30
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks pgd --norm linf --eps 0.05 --steps 2 --restarts 2 --no-checks
                --seed 1
            demo --out @d --limit 1
                --out @e
                --limit 2
                --device cuda:7
            audit --no-primitives --model $dit
                --model $other
                without --no-primitives
                --device cuda:7
                --report @audit.html
                --json
            audit --no-primitives --model $dit --json
                --no-golden
            inspect $dit
                --totals
            info
                --threads #
            bench
                --threads 2
                --json
            data
                --data-dir $sets
            data make $images --out @made
                --out @there
                --count 2
            data make cifar10:train --out @made
                --data-dir $sets
            evaluate --model $classifier --data $images --out @x --class-ids 3,5
                --model $classifier2
                --data $images2
                --out @y
                --measures clean
                --limit 3
                --class-ids 3,4
                --device cuda:7
            evaluate --model $classifier,$classifier2 --data $images --out @x --class-ids 3,5
                --seeds
            evaluate --model $classifier --data cifar10:train --out @x --class-ids 3,5
                --data-dir $sets
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures corruptions --corruptions contrast,shot_noise --severities 1,5
                --table imagenet
                --corruptions contrast
                --severities 2
                --baseline $errors.json
                --seed 1
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures background --masks $masks
                --masks $masks2
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures ood --ood a=$numbered
                --ood b=$numbered
                --class-mask a=$mask.txt
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures features --bank $images2 --neighbours 5
                --bank $images
                --feature-layer layer1
                --neighbours 1
            evaluate --model $classifier --data $images --out @x --class-ids 6,5 --measures attacks --attacks pgd --eps 0.02 --steps 3
                --attacks apgd-ce
                --norm l2
                --eps 0.04
                --steps 1
                --noise 0.1
            evaluate --model $classifier --data $images --out @x --class-ids 6,5 --measures attacks --attacks pgd --norm l2 --eps 0.02 --steps 3 --noise 0.1
                --eot 2
                --certify 50
            evaluate --model $classifier --data $images --out @x --class-ids 6,5 --measures attacks --attacks square --eps 0.02 --queries 2
                --queries 90
            evaluate --model $classifier --data $images --out @x --class-ids 6,5 --measures attacks --attacks apgd-t --eps 0.02 --steps 3 --targets 1
                --targets 3
            data corrupt --inputs $levels.npz --outputs @out.npz --table cifar --names snow,contrast --severities 2
                --inputs $levels2.npz
                --outputs @there.npz
                --table imagenet
                --names snow
                --severities 1,2
                --seed 1
            """;

    /** Commands, each followed by options that are refused, and what the refusal says. */
    private static final String REFUSALS = """
            bench
                --threads 0 | --threads: 0; at least 1 is needed
                --threads 100000 | --threads: 100000 on so few processors would measure how they wait for each other; at most
            run --model $dit --inputs $in.npz --outputs @out.npz --compute forward
                --guidance 2 | --guidance: has no effect here: it is for sample, clarep
                --guidance NaN | --guidance: NaN; a finite number is needed
                --steps 10 | --steps: has no effect here: it is for invert, sample, clarep
                --te 0.5 | --te: has no effect here: it is for invert, sample, clarep
                --schedule linear | --schedule: has no effect here: it is for invert, sample, clarep
                --schedule cosine | --schedule: 'cosine' is not one of linear, scaled_linear, squaredcos_cap_v2
                --inversion diffusers | --inversion: has no effect here: it is for invert, clarep
                --tolerance 0.1 | --tolerance: has no effect here: it is for svd, clarep
                --seed 3 | --seed: has no effect here: it is for svd, clarep
                --k 3 | --k: has no effect here: it is for clarep
                --projection multistep | --projection: has no effect here: it is for clarep
                --mode train | --mode: train is for networks with batch normalisation (ResNet)
                --mode test | --mode: 'test' is not one of eval, train
                --threads 0 | --threads: 0; at least 1 is needed
            run --model $dit --inputs $in.npz --outputs @out.npz --compute sample
                --inversion diffusers | --inversion: has no effect here: it is for invert, clarep
                --null-class 1 | --null-class: has no effect here: there is no --guidance, or it is 1
                --guidance-channels 1 | --guidance-channels: has no effect here: there is no --guidance, or it is 1
                --guidance-channels 99 | --guidance-channels: 99; 'all' or a number from 1 to 3 is needed
                --guidance-channels some | --guidance-channels: 'some' is neither 'all' nor a number of at least 1
                --beta-start 1e-3 | --beta-start: has no effect here: the schedule squaredcos_cap_v2 has no betas to choose
                --beta-end 0.5 | --beta-end: has no effect here: the schedule squaredcos_cap_v2 has no betas to choose
                --beta-end 1.5 | --beta-end: 1.5; more than 0 and less than 1 is needed
                --steps-offset 1 | --steps-offset: has no effect here: the spacing is guided, and only leading has an offset
                --steps-offset -100000 | --steps-offset: -100000; at least 0 is needed
                --te 1.5 | --te: 1.5; a number from 0 to 1 is needed
                --te NaN | --te: NaN; a number from 0 to 1 is needed
                --steps 0 | --steps: 0; a number from 1 to 1000000 is needed
                --train-steps 0 | --train-steps: 0; a number from 1 to 1000000 is needed
            run --model $dit --inputs $in.npz --outputs @out.npz --compute invert
                --set-alpha-to-one=false | --set-alpha-to-one: has no effect here: this inversion begins at the first timestep
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3
                --k 50 | --k: '50' is neither 'adaptive' nor a number from 1 to 3
                --k many | --k: 'many' is neither 'adaptive' nor a number from 1 to 3
                --sweeps 0 | --sweeps: 0; at least 1 is needed
                --oversample -1 | --oversample: -1; at least 0 is needed
                --tolerance 0 | --tolerance: 0.0; more than 0 and less than 1 is needed
                --strength 3 | --strength: has no effect here: topk has no strength
                --weight 3 | --weight: has no effect here: it is for evidence
                --selection greedy | --selection: has no effect here: it is for selective
                --map plain | --map: has no effect here: it is for local, local-soft
                --map-colour 3 | --map-colour: has no effect here: it is for local, local-soft
                --map-blur 3 | --map-blur: has no effect here: it is for local, local-soft
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3 --projection local-soft --map plain
                --map-floor 3 | --map-floor: has no effect here: a plain map has no regions
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3
                --replace nothing | --replace: 'nothing' is not one of zero, mean, noise
                --no-restore-norm | --no-restore-norm: has no effect here: nothing restores the norm
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3 --projection local-soft
                --k 2 | --k: has no effect here: local-soft has a strength and no number of directions
                --strength 0 | --strength: 0.0; more than 0 is needed
                --oversample 3 | --oversample: has no effect here: local-soft needs no decomposition
                --k adaptive | --k: has no effect here: local-soft has a strength and no number of directions
                --map-signals 1 | --map-signals: 1.0; more than 0 and less than 1 is needed
                --map best | --map: 'best' is not one of regions, plain
                --map-noises 1 | --map-noises: 1; regions need 2 at least; --map plain takes one
                --map-floor 0 | --map-floor: 0.0; more than 0 is needed
                --map-colour 0 | --map-colour: 0.0; more than 0 is needed
                --map-noises 0 | --map-noises: 0; at least 1 is needed
                --map-classes -1 | --map-classes: -1; at least 0 is needed
                --map-percentile 1 | --map-percentile: 1.0; more than 0 and less than 1 is needed
                --map-blur -1 | --map-blur: -1.0; at least 0 is needed
            run --model $dit --inputs $in.npz --outputs @out.npz --compute forward
                --strength 3 | --strength: has no effect here: it is for clarep
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3 --projection selective
                --selection best | --selection: 'best' is not one of evidence, greedy
            extract --model $dit --data $images --out @x --layer blocks.1 --steps 4 --report 0 --projection evidence
                --explore 1 | --explore: has no effect here: there is no report
                --rank 3 | --rank: has no effect here: evidence needs no decomposition
                --rank 10 | --rank: has no effect here: evidence needs no decomposition
                --no-restore-norm | --no-restore-norm: has no effect here: nothing restores the norm
                --weight -1 | --weight: -1.0; at least 0 is needed
            run --model $dit --inputs $in.npz --outputs @out.npz --compute clarep:blocks.1:3 --te 0
                --projection multistep | --projection: multistep has no effect here: --te says level 0
            run --model $dit --inputs $in.npz --outputs @out.npz --compute forward --dtype f64
                --precision bf16 | --precision: has no effect here: --dtype is f64
            run --model $resnet/model --inputs $resnet/inputs.npz --outputs @out.npz --compute features:layer1
                --precision bf16 | --precision: has no effect here: what is computed has no linear layer or attention
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --te 0.25
                --projection multistep | --projection: multistep has no effect here: --te says level 1
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0
                --spark local[2] | --spark: the module canonica-spark and Apache Spark's jars are not on the class path
                --spark-conf a=b | --spark-conf: has no effect here: it is for --spark
                --max-errors 3 | --max-errors: has no effect here: it is for --spark
                --max-errors -1 | --max-errors: -1; at least 0 is needed
                --threads 0 | --threads: 0; at least 1 is needed
                --batch 0 | --batch: 0; at least 1 is needed
                --limit 0 | --limit: 0; at least 1 is needed
                --limit -3 | --limit: -3; at least 1 is needed
                --report -1 | --report: -1; at least 0 is needed
                --rank 0 | --rank: 0; at least 1 is needed
                --te 1.5 | --te: 1.5; a number from 0 to 1 is needed
                --tr 0.9 | --tr: 0.9; at most t_e is needed, which is 0.8
                --tr -0.1 | --tr: -0.1; a number from 0 to 1 is needed
                --feature-way sideways | --feature-way: 'sideways' is not one of decoding, noised, inverted
                --k 50 | --k: '50' is neither 'adaptive' nor a number from 1 to 3
                --data-dir $sets | --data-dir: has no effect here:
                --beta-start 1e-3 | --beta-start: has no effect here: the schedule squaredcos_cap_v2 has no betas to choose
                --class cat | --class: has no effect here:
                --guidance NaN | --guidance: NaN; a finite number is needed
                --guidance-channels 1 | --guidance-channels: has no effect here: there is no --guidance, or it is 1
                --null-class 1 | --null-class: has no effect here: there is no --guidance, or it is 1
                --projection upwards | --projection: 'upwards' is not one of topk, multistep, selective, local, local-soft, evidence
            extract --model $dit --data $images --out @x --layer blocks.1 --spark local
                --shard 0/2 | --shard: has no effect here: --spark divides the images itself
                --skip-bad | --skip-bad: has no effect here: with --spark an image that cannot be read is a row with its error
                --vae $vae | --vae: has no effect here: with --spark the model is one folder: a pipeline's
                --report 3 | --report: has no effect here: with --spark there is no report
            extract --model $sd --data $photos --out @x --layer mid_block --prompt cat
                --class-ids 0,1 | --class-ids: has no effect here: the model is conditioned on texts
                --tokenizer clip | --tokenizer: 'clip' is not one of openai, transformers
            sample --model $dit --out @s --steps 3
                --threads 0 | --threads: 0; at least 1 is needed
                --negative bad | --negative: has no effect here: the model is conditioned on classes, not on texts
                --tokenizer openai | --tokenizer: has no effect here: the model is not conditioned on texts
                --count 0 | --count: 0; at least 1 is needed
                --steps 0 | --steps: 0; a number from 1 to 1000000 is needed
                --guidance Infinity | --guidance: Infinity; a finite number is needed
            sample --model $sd --out @s --steps 2 --prompt cat
                --classes 1 | --classes: has no effect here: the model is conditioned on texts: --prompt
            sample --model $sd --out @s --steps 2 --prompt cat --guidance 1
                --negative bad | --negative: has no effect here: without guidance nothing leads away from a text
            train --data $images --out @m --from $dit
                --depth 1 | --depth: has no effect here: --from gives the architecture
                --heads 1 | --heads: has no effect here: --from gives the architecture
                --patch-size 2 | --patch-size: has no effect here: --from gives the architecture
                --hidden-size 8 | --hidden-size: has no effect here: --from gives the architecture
                --model DiT-S/8 | --model: has no effect here: --from gives the architecture
            train --data $images --out @m --model DiT-S/8
                --depth 1 | --depth: has no effect here: --model gives it
            train --data $images --out @m --validation $images2
                --hold-out 0.5 | --hold-out: has no effect here: --validation says what is measured on
            train --data $images --out @m --decay steps
                --final-rate 1e-6 | --final-rate: has no effect here: the rate does not follow a cosine
                --drop 0 | --drop: 0.0; more than 0 and less than 1 is needed
            train --data $images --out @m
                --threads 0 | --threads: 0; at least 1 is needed
                --data-dir $sets | --data-dir: has no effect here:
                --batch 0 | --batch: 0; at least 1 is needed
                --images 0 | --images: 0; at least 1 is needed
                --rate 0 | --rate: 0.0; more than 0 is needed
                --rate NaN | --rate: NaN; more than 0 is needed
                --final-rate -1 | --final-rate: -1.0; at least 0 is needed
                --warmup -1 | --warmup: -1; at least 0 is needed
                --weight-decay -1 | --weight-decay: -1.0; at least 0 is needed
                --clip 0 | --clip: 0.0; more than 0 is needed
                --ema-decay 1 | --ema-decay: 1.0; at least 0 and less than 1 is needed
                --hold-out 1 | --hold-out: 1.0; at least 0 and less than 1 is needed
                --evaluate-every 0 | --evaluate-every: 0; at least 1 is needed
                --patience -1 | --patience: -1; at least 0 is needed
                --decay more | --decay: 'more' is not one of cosine, steps
                --milestones 0.5 | --milestones: has no effect here: the rate follows a cosine
                --drop 0.5 | --drop: has no effect here: the rate follows a cosine
                --label-dropout 2 | --label-dropout: 2.0; a number from 0 to 1 is needed
                --save-every -1 | --save-every: -1; at least 0 is needed
                --patch-size 0 | --patch-size: 0; at least 1 is needed
                --weights f8 | --weights: 'f8' is not one of f32, f16
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --out @m
                --threads 0 | --threads: 0; at least 1 is needed
                --save-every -1 | --save-every: -1; at least 0 is needed
                --data-dir $sets | --data-dir: has no effect here:
                --student nothing | --student: 'nothing' is neither a file or folder nor one of resnet18,
                --method more | --method: 'more' is not one of vanilla, cadistill,
                --method cadistill | --extraction: is needed: cadistill learns from what canonica extract makes
                --method kd | --teacher: is needed: kd learns from the answers of a classifier
                --extraction $extraction | --extraction: has no effect here: the method is vanilla
                --teacher $kd | --teacher: has no effect here: the method is vanilla
                --lambda-cs 1 | --lambda-cs: has no effect here: the method is vanilla
                --lambda-dist 2 | --lambda-dist: has no effect here: the method is vanilla
                --dist gram | --dist: has no effect here: the method is vanilla
                --share 0.5 | --share: has no effect here: the method is vanilla
                --share 0 | --share: 0.0; more than 0 and at most 1 is needed
                --pairs 4 | --pairs: has no effect here: the method learns from no pairs
                --companions repeated | --companions: has no effect here: the method is vanilla
                --eps 1/255 | --eps: has no effect here: the method is vanilla
                --attack-steps 3 | --attack-steps: has no effect here: the method is vanilla
                --beta 3 | --beta: has no effect here: the method is vanilla
                --temperature 2 | --temperature: has no effect here: the method is vanilla
                --hint-epochs 1 | --hint-epochs: has no effect here: the method is vanilla
                --mix-alpha 0.2 | --mix-alpha: has no effect here: nothing is mixed
                --mix more | --mix: 'more' is not one of none, mixup, cutmix
                --augment none,flip | --augment: 'none' stands alone
                --augment crop,crop | --augment: [crop, crop]: each may be named once
                --rate Infinity | --rate: Infinity; a finite number of more than 0 is needed
                --optimizer adam | --optimizer: 'adam' is not one of sgd, adamw
                --epochs 0 | --epochs: 0; at least 1 is needed
                --batch 1 | --batch: 1; at least 2 is needed
                --label-smoothing 1 | --label-smoothing: 1.0; at least 0 and less than 1 is needed
                --patience -1 | --patience: -1; at least 0 is needed
                --decay more | --decay: 'more' is not one of cosine, steps
                --milestones 0.5 | --milestones: has no effect here: the rate follows a cosine
                --drop 0.5 | --drop: has no effect here: the rate follows a cosine
                --warmup 1.5 | --warmup: 1.5; at most the 1 of --epochs are needed
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --decay steps --out @m
                --milestones 0.5,0.5 | --milestones: [0.5, 0.5]: ascending shares between 0 and 1 are needed
                --drop 1 | --drop: 1.0; more than 0 and less than 1 is needed
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --momentum 0 --out @m
                --nesterov=false | --nesterov: has no effect here: --momentum is 0
            distill --method fitnet --student $small.json --data $dozen --validation $images --extraction $extraction --epochs 2 --out @m
                --hint-epochs 2 | --hint-epochs: 2; fewer than the 2 of --epochs are needed
            distill --method cadistill --student $small.json --data $dozen --validation $images --extraction $extraction --epochs 1 --lambda-cf 0 --lambda-dist 0 --out @m
                --features tokens | --features: has no effect here: no term of the loss has a weight that takes features
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --optimizer adamw --out @m
                --momentum 0.5 | --momentum: has no effect here: the optimizer is adamw
                --nesterov=false | --nesterov: has no effect here: the optimizer is adamw
            distill --method cadistill --student $small.json --data $dozen --validation $images --extraction $extraction --epochs 1 --out @m
                --companions more | --companions: 'more' is not one of canonical, guided,
                --cfg-scale 3 | --cfg-scale: has no effect here: companions are canonical
                --shrink 0.5 | --shrink: has no effect here: companions are canonical
                --features more | --features: 'more' is not one of mean, tokens
                --feature-rank 3 | --feature-rank: has no effect here: --features are their mean
                --pairs 2 | --pairs: 2; the distance cka needs at least 4
                --batch 6 | --pairs: 3, half of --batch; the distance cka needs at least 4
                --dist more | --dist: 'more' is not one of cka, cka-biased, rbf, procrustes, gram
            distill --method cfg --student $small.json --data $dozen --validation $images --extraction $extraction --epochs 1 --out @m
                --companions canonical | --companions: those of cfg are guided; cadistill takes others
            distill --method pgd-at --student $small.json --data $dozen --validation $images --epochs 1 --out @m
                --mix mixup | --mix: pgd-at attacks images by their one label; mixed images have two
                --eps 2 | --eps: 2.0; at most 1 is needed, for images in [0, 1]
                --step-size 1/0 | '1/0': a number of more than 0 is needed, which may be a fraction such as 8/255
            sweep --model $dit --data $images --out @x --grid layer=blocks.1 --grid te=0.5 --grid n=3 --steps 4
                --threads 0 | --threads: 0; at least 1 is needed
                --te 0.5 | --te: has no effect here: the grid says it: --grid te=…
                --guidance 2 | --guidance: has no effect here: the grid says it: --grid guidance=…
                --guidance-channels 1 | --guidance-channels: has no effect here: there is no --guidance, or it is 1
                --null-class 1 | --null-class: has no effect here: there is no --guidance, or it is 1
                --controls more | --controls: 'more' is not one of shrunk,
                --no-own | --no-own: has no effect here:
                --setting k=0 | --setting: k=0: '0' is none of adaptive,
                --grid more=1 | --grid: 'more' is not one of te, layer, output,
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --steps 4 --out @x
                --threads 0 | --threads: 0; at least 1 is needed
                --te 0.5 | --te: has no effect here: the grid says it: --grid te=…
                --inversion diffusers | --inversion: has no effect here: nothing is inverted
                --count 0 | --count: 0; at least 1 is needed
                --batch 0 | --batch: 0; at least 1 is needed
                --grid te=0.5,0.51 | --grid: te=0.5 and te=0.51 are the same level of 4, 2
                --vae $vae | --vae: has no effect here: the model works on images
            experiment clarid --out @e --scale tiny
                --model $dit | --model: 2 classes; Scenes have 10
                --scale huge | --scale: 'huge' is not one of tiny, small, full
                --images 1 | --images: 1; at least 2 is needed
                --questions wishes | --questions: 'wishes' is not one of settings, directions, adaptive, steps, choice, outputs
                --questions steps,steps | --questions: [steps, steps]: each may be named once
                --threads 0 | --threads: 0; at least 1 is needed
            experiment satellite --data $patches.rda --out @e
                --scale huge | --scale: 'huge' is not one of tiny, small, full
                --threads 0 | --threads: 0; at least 1 is needed
            experiment cadistill --out @e --scale tiny
                --scale huge | --scale: 'huge' is not one of tiny, small, full
                --images 0 | --images: 0; at least 1 is needed
                --images 3 | --images: 3; at least a batch of 25 is needed
                --tested 0 | --tested: 0; at least 1 is needed
                --epochs 0 | --epochs: 0; at least 1 is needed
                --seeds 0 | --seeds: 0; at least 1 is needed
                --teacher-images 63 | --teacher-images: 63; at least 64 is needed
                --images 63 --teacher-images 64 | --images: 63; at least 64 is needed, a batch of the teacher that --teacher-images trains
                --rho 2 | --rho: 2.0; numbers from 0 to 1 are needed
                --rho 0.95,.950 | --rho: [0.95, 0.95]: each may be named once
                --students vanilla,vanilla | --students: [vanilla, vanilla]: each may be named once
                --students cadistill | --students: vanilla is missing, which the others are compared with
                --students vanilla,more | --students: 'more' is not one of vanilla, cadistill,
                --data more | --data: 'more' is not one of scenes, cifar10
                --data cifar10 | --data cifar10: needs a teacher of these images: --model DIR, or --teacher-images N to train one
                --threads 0 | --threads: 0; at least 1 is needed
            experiment cadistill --out @e --data cifar10 --teacher-images 100
                --rho 0.9 | --rho: has no effect here: --data cifar10 has no backgrounds that go with classes
                --students vanilla,masked | --students: masked needs the masks of objects, which only scenes have
            experiment cadistill --out @e --students vanilla
                --model $dit | --model: has no effect here: none of the students learn from what a diffusion model made
            experiment cadistill --out @e --model $dit
                --teacher-images 100 | --model: has no effect here: --teacher-images trains the teacher
            experiment cadistill --out @e --students vanilla,trades
                --model $dit | --model: has no effect here: none of the students learn from what a diffusion model made
            metric elbow --inputs $knn.npz
                --neighbours 3 | --neighbours: has no effect here: it is for knn
                --temperature 3 | --temperature: has no effect here: it is for knn
                --clusters 3 | --clusters: has no effect here: it is for kmeans
                --restarts 3 | --restarts: has no effect here: it is for kmeans
                --seed 3 | --seed: has no effect here: it is for kmeans
                --sigma 3 | --sigma: has no effect here: it is for cka
                --sigma -1 | --sigma: -1.0; more than 0 is needed
            metric kmeans --inputs $started.npz
                --clusters 3 | --clusters: has no effect here: the array 'init' says where to start
                --restarts 3 | --restarts: has no effect here: the array 'init' says where to start
                --seed 3 | --seed: has no effect here: the array 'init' says where to start
            metric knn --inputs $knn.npz
                --neighbours 0 | --neighbours: 0; at least 1 is needed
                --neighbours 31 | --neighbours: 31; a number from 1 to 30, the rows of the bank, is needed
                --temperature 0 | --temperature: 0.0; more than 0 is needed
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks fgsm --norm linf --eps 0.01
                --outputs $attacked.npz | --outputs: is --inputs, which would be lost; another file is needed
                --outputs config.json | --outputs: 'config.json' ends like a file of another kind; a name that ends in .npz is needed
                --threads 0 | --threads: 0; at least 1 is needed
                --seed 3 | --seed: has no effect here: nothing is drawn
                --attacks fgsm,gone | --attacks: 'gone' is not one of fgsm, pgd, apgd-ce, apgd-dlr, apgd-t, fab-t, square, standard
                --attacks fgsm,fgsm | --attacks: fgsm,fgsm: each may be named once
                --norm l1 | --norm: 'l1' is not one of linf, l2
                --eps 8 | --eps: 8.0; at most 1 is needed, for images in [0, 1]; a fraction such as 8/255 may be given
                --eps 0/255 | --eps: '0/255': a number of more than 0 is needed
                --eps 8/ | --eps: '8/': a number of more than 0 is needed
                --batch 0 | --batch: 0; at least 1 is needed
                --steps 3 | --steps: has no effect here: it is for pgd, apgd-ce, apgd-dlr, apgd-t, fab-t, standard
                --step-size 0.1 | --step-size: has no effect here: it is for pgd
                --restarts 2 | --restarts: has no effect here: it is for pgd, apgd-ce, apgd-dlr, apgd-t, fab-t, square, standard
                --targets 2 | --targets: has no effect here: it is for apgd-t, fab-t, standard
                --queries 9 | --queries: has no effect here: it is for square, standard
                --until-broken | --until-broken: has no effect here: it is for apgd-ce, apgd-dlr, apgd-t, fab-t, standard
                --eot 2 | --eot: has no effect here: without --noise every answer is the same
                --certify 100 | --certify: has no effect here: it is of the classifier that --noise smooths
                --certify 1 | --certify: 1; a number from 10 to 100000000 is needed
                --noise -1 | --noise: -1.0; at least 0 is needed
                --shard 2/2 | --shard: '2/2' is not i/n with i from 0 to n - 1
                --verify $attacked.npz | --outputs: has no effect here: --verify attacks nothing
                --save-every -1 | --save-every: -1.0; a number from 0 to 86400 is needed
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks apgd-t --norm linf --eps 0.01
                --steps 0 | --steps: 0; a number from 1 to 1000000 is needed
                --restarts 0 | --restarts: 0; a number from 1 to 100000 is needed
                --targets 0 | --targets: 0; at least 1 is needed
            demo --out @d
                --threads 0 | --threads: 0; at least 1 is needed
                --limit 0 | --limit: 0; at least 1 is needed
            audit --no-primitives --model $dit
                --threads 0 | --threads: 0; at least 1 is needed
                --no-golden | --no-golden: has no effect here: they are run for --report and --json alone
            data make $images --out @made
                --count 0 | --count: 0; at least 1 is needed
                --data-dir $sets | --data-dir: has no effect here:
            evaluate --model $classifier --data $images --out @x --class-ids 3,5
                --measures sharpness | --measures: 'sharpness' is not one of clean, calibration, corruptions,
                --measures clean,clean | --measures: [clean, clean]: each may be named once
                --measures ood | --measures: ood needs --ood NAME=SET
                --measures features | --measures: features needs --bank SET
                --measures attacks | --measures: attacks needs --eps E
                --table cifar | --table: has no effect here: it is for --measures corruptions
                --corruptions fog | --corruptions: has no effect here: it is for --measures corruptions
                --severities 1 | --severities: has no effect here: it is for --measures corruptions
                --severities 6 | --severities: 6; a number from 1 to 5 is needed
                --baseline x.json | --baseline: has no effect here: it is for --measures corruptions
                --masks x | --masks: has no effect here: it is for --measures background
                --ood a=x | --ood: has no effect here: it is for --measures ood
                --class-mask a=x | --class-mask: has no effect here: it is for --measures ood
                --bank x | --bank: has no effect here: it is for --measures features
                --feature-layer fc | --feature-layer: has no effect here: it is for --measures features
                --neighbours 3 | --neighbours: has no effect here: it is for --measures features
                --neighbours 0 | --neighbours: 0; at least 1 is needed
                --attacks pgd | --attacks: has no effect here: it is for --measures attacks
                --norm l2 | --norm: has no effect here: it is for --measures attacks
                --eps 0.1 | --eps: has no effect here: it is for --measures attacks
                --steps 3 | --steps: has no effect here: it is for --measures attacks
                --targets 3 | --targets: has no effect here: it is for --measures attacks
                --queries 3 | --queries: has no effect here: it is for --measures attacks
                --save-every 3 | --save-every: has no effect here: it is for --measures attacks
                --seed 3 | --seed: has no effect here: nothing is drawn
                --seeds | --seeds: several models are needed, one of each seed
                --batch 0 | --batch: 0; at least 1 is needed
                --limit 0 | --limit: 0; at least 1 is needed
                --shard 2/2 | --shard: '2/2' is not i/n with i from 0 to n - 1
                --threads 0 | --threads: 0; at least 1 is needed
                --data-dir $sets | --data-dir: has no effect here:
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures ood --ood a=$images2
                --class-mask b=$mask.txt | --class-mask: 'b' is none of the sets of --ood
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures attacks --attacks fgsm --eps 0.1
                --steps 3 | --steps: has no effect here: none of the attacks has it
                --targets 3 | --targets: has no effect here: none of the attacks has it
                --queries 3 | --queries: has no effect here: none of the attacks has it
                --seed 3 | --seed: has no effect here: nothing is drawn
                --eps 8/255,0.03137254 | --eps: [0.0313725, 0.0313725]: each may be named once
                --attacks gone | --attacks: 'gone' is not one of fgsm, pgd,
                --norm l1 | --norm: 'l1' is not one of linf, l2
                --eps 0.1,8 | --eps: 8.0; at most 1 is needed, for images in [0, 1]; a fraction such as 8/255 may be given
                --save-every -1 | --save-every: -1.0; a number from 0 to 86400 is needed
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures corruptions
                --corruptions rain | --corruptions: 'rain' is not one of gaussian_noise, shot_noise,
                --table cifar100 | --table: 'cifar100' is not one of cifar, imagenet
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures corruptions --corruptions contrast,pixelate
                --seed 3 | --seed: has no effect here: nothing is drawn
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks pgd,fab-t,fgsm --norm linf --eps 0.01
                --seed 3 | --seed: has no effect here: nothing is drawn
            data corrupt --inputs $levels.npz --outputs @out.npz --table cifar --names brightness,zoom_blur
                --seed 3 | --seed: has no effect here: nothing is drawn
            data corrupt --inputs $levels.npz --outputs @out.npz --table cifar
                --outputs $levels.npz | --outputs: is --inputs, which would be lost; another file is needed
                --table cifar100 | --table: 'cifar100' is not one of cifar, imagenet
                --names rain | --names: 'rain' is not one of gaussian_noise, shot_noise,
                --names snow,snow | --names: [snow, snow]: each may be named once
                --severities 0 | --severities: 0; a number from 1 to 5 is needed
                --severities 6 | --severities: 6; a number from 1 to 5 is needed
                --severities 1,1 | --severities: [1, 1]: each may be named once
                --data-dir $sets | --data-dir: has no effect here: the images are those of --inputs
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0
                --class-ids 1,2 | --class-ids: '2' is not a number from 0 to 1
                --class-ids 1 | --class-ids: 1 of 2 numbers; one for each class of the images is needed
                --steps 1001 | --steps: 1001 of 1000 training timesteps: no whole stride gives so many (spacing guided); 1000 is possible
                --steps 300 | --steps: 300 of 1000 training timesteps: no whole stride gives so many (spacing guided); 250 and 334 are possible
                --train-steps 3 | --steps: 4 of 3 training timesteps
                --rank 193 | --rank: 193; at most 192 is needed
                --guidance 0,5 | --guidance: '0,5'; a number is needed, with a decimal point: 0.5
                --prompt cat | --prompt, --prompts, --template, --negative: have no effect here:
                --data $images?side=0 | side is 1 to 16384 pixels, not 0
                --data $images?sid=8 | no option 'sid'; there are [side]
                --data scenes:tran | no part 'tran' of scenes; there are
                --data scenes:test?rho=2 | rho is a number from 0 to 1, not 2.0
                --data scenes:test?size=-1 | size is at least 1, not -1
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --report 0
                --train-steps 3 | --train-steps: 50 of 3 training timesteps
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --spacing leading
                --steps-offset 999 | --steps-offset: 999, to which leading spacing of 4 steps asks for timestep 1749, of 1000; from 0 to 249 are possible
            extract --model $dit --data $images --out @x --layer blocks.1 --rank 3 --steps 4 --report 0 --guidance 3
                --null-class 3 | --null-class: 3; a number from 0 to 2 is needed
            extract --model $sd --data $photos --out @x --layer mid_block --rank 1 --steps 2 --te 0.5 --report 0
                --template cat | --template: 'cat' has no {}
                --negative bad | one of --prompt, --prompts and --template is needed
            run --model $dit --inputs $in.npz --outputs @out.npz --compute forward
                --compute svd:blocks.1:193 | --compute: 'svd:blocks.1:193'; a number from 1 to 192 is needed
                --compute clarep:blocks.1:193 | --compute: 'clarep:blocks.1:193'; a number from 1 to 192 is needed
                --compute text | --compute: 'text' is not one of forward,
                --compute encode | --compute: 'encode' is not one of forward,
            run --model $dit --inputs $in.npz --outputs @out.npz --compute sample
                --steps 1001 | --steps: 1001 of 1000 training timesteps
            sample --model $dit --out @s --steps 3
                --classes 2 | --classes: '2' is not a class; there are 0 to 1
                --classes -1 | --classes: '-1' is not a class; there are 0 to 1
                --steps 1001 | --steps: 1001 of 1000 training timesteps
                --prompt cat | --prompt: has no effect here: the model is conditioned on classes
            sample --model $sd --out @s --steps 2
                --guidance 3 | --prompt: is needed: the model is conditioned on texts
            train --data $images --out @m --batch 4
                --patch-size 3 | --patch-size: 3; a divisor of 8 is needed
                --hidden-size 10 | --hidden-size: 10; a multiple of 4 and of the
                --batch 100 | --batch: 100; at most 6 is needed, the images of
                --model DiT-S/3 | --model: model 'DiT-S/3' is not a published DiT
                --schedule cosine | --schedule: 'cosine' is not one of linear, scaled_linear, squaredcos_cap_v2
                --prediction velocity | --prediction: 'velocity' is not one of epsilon, v_prediction, sample
            train --data $images --out @m --batch 6
                --hold-out 0.5 | --hold-out: 0.5: none of the 6 images
            distill --method vanilla --student $small.json --data $dozen --validation $images --epochs 1 --out @m
                --batch 13 | --batch: 13; at most 12 is needed, the images of
            attack --model $classifier --inputs $attacked.npz --outputs @out.npz --attacks apgd-t --norm linf --eps 0.05
                --targets 99 | --targets: 99; a number from 1 to
            evaluate --model $classifier --data $images --out @x --class-ids 3,5 --measures attacks --attacks apgd-t --eps 0.1
                --targets 99 | --targets: 99; a number from 1 to
                --class-ids 3,99 | --class-ids: '99' is not a number from 0 to
            metric kmeans --inputs $points.npz --clusters 3
                --clusters 41 | --clusters: 41; a number from 1 to 40, the vectors, is needed
            sweep --model $dit --data $images --out @x --grid n=3 --grid layer=blocks.1 --grid te=0.5 --steps 4
                --grid n=193 | --grid: n=193; a number from 1 to 192 is needed
                --steps 1001 | --steps: 1001 of 1000 training timesteps
            sweep te --model $dit --classifier $kd --grid te=0.25,0.75 --count 3 --steps 4 --out @x
                --steps 1001 | --steps: 1001 of 1000 training timesteps
            """;

    /** What does not say how a command does its work. */
    private static final Set<String> OF_ALL = Set.of("--help", "--version", "--stacktrace");

    @TempDir
    private static Path folder;

    private static Path results;

    private record Row(List<String> command, List<String> option, String says) {
        static List<Row> of(String table) {
            List<Row> rows = new ArrayList<>();
            List<String> command = List.of();
            for (String line : table.lines().toList()) {
                if (line.startsWith(" ")) {
                    int bar = line.indexOf(" | ");
                    String option = bar < 0 ? line : line.substring(0, bar);
                    rows.add(new Row(command, words(option), bar < 0 ? "" : line.substring(bar + 3)));
                } else {
                    command = words(line);
                }
            }
            return rows;
        }

        private static List<String> words(String line) {
            return List.of(line.strip().split(" +"));
        }

        /** The option's name. */
        String name() {
            String word = option.getFirst().equals("without") ? option.getLast() : option.getFirst();
            return word.replaceFirst("=.*", "");
        }

        /** The command with the option in it. */
        List<String> changed() {
            List<String> all = new ArrayList<>(command);
            int at = all.indexOf(name());
            if (option.getFirst().equals("without")) {
                all.remove(at);
            } else if (at >= 0) {
                all.set(at + 1, option.getLast());
            } else {
                all.addAll(option);
            }
            return all;
        }

        @Override
        public String toString() {
            return String.join(" ", command) + " " + String.join(" ", option);
        }
    }

    @BeforeAll
    static void writeInputs() throws IOException {
        results = folder.resolve("results");
        TinyDit.write(folder.resolve("dit"));
        TinyDit.write(folder.resolve("other"), 2, 9);
        TinyDit.ofScenes(folder.resolve("scenes"));
        TinyImages.write(folder.resolve("images"), 6);
        TinyImages.write(folder.resolve("images2"), 5);
        TinyImages.write(folder.resolve("dozen"), 12);
        TinyImages.write(folder.resolve("other12"), 12);
        Files.copy(
                folder.resolve("images/cat/2.png"),
                folder.resolve("other12/cat/10.png"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve("small.json"), TinyStudents.CONFIG);
        TinyStudents.write(folder.resolve("kd"), 1);
        TinyStudents.write(folder.resolve("kd2"), 2);
        TinyStudents.extract(folder.resolve("dit"), folder.resolve("dozen"), folder.resolve("extraction"));
        TinyStudents.extract(folder.resolve("other"), folder.resolve("dozen"), folder.resolve("extraction2"));
        TinyImages.writeGarments(folder.resolve("garments"), 1);
        TinyImages.writeGarments(folder.resolve("garments2"), 2);
        TinySatellite.write(folder.resolve("patches.rda"), 1);
        TinySatellite.write(folder.resolve("patches2.rda"), 2);
        TinyImages.writeOwn(folder.resolve("own"));
        TinyImages.write(folder.resolve("sets/cifar10/train"), 3);
        TinyImages.write(folder.resolve("home/demo/images"), 2);
        TinyDit.withOwnSetting(TinyDit.write(folder.resolve("home/demo/model"), 3, 3));
        Path methods = Files.createDirectories(folder.resolve("home/golden/methods"));
        Files.createSymbolicLink(
                methods.resolve("rkd-basic"),
                Path.of("../golden/methods/rkd-basic").toAbsolutePath());
        TinyPipeline.writeModel(folder.resolve("sd"));
        TinyPipeline.writeImages(folder.resolve("photos"));
        Path vae = Files.createDirectories(folder.resolve("vae"));
        for (String file : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
            Files.copy(folder.resolve("sd/vae").resolve(file), vae.resolve(file));
        }
        Path config = vae.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst("\"scaling_factor\": *[0-9.]+", "\"scaling_factor\": 0.5"));
        Files.writeString(folder.resolve("texts"), "cat\ndog\n");
        Files.writeString(folder.resolve("texts2"), "dog\ncat\n");
        Files.createSymbolicLink(
                folder.resolve("resnet"),
                Path.of("../golden/models/resnet_train").toAbsolutePath());
        TinyClassifier.write(folder.resolve("classifier"), 1);
        for (String of : List.of("3", "5")) {
            Path numbered = Files.createDirectories(folder.resolve("numbered").resolve(of));
            Files.copy(folder.resolve("images/cat/0.png"), numbered.resolve("0.png"));
            Files.copy(folder.resolve("images/dog/1.png"), numbered.resolve("1.png"));
        }
        Files.writeString(folder.resolve("mask.txt"), "3 7\n5 8\n");
        Files.writeString(folder.resolve("errors.json"), "{\"contrast\": 0.5, \"shot_noise\": 0.25}");
        for (int i = 0; i < 6; i++) {
            for (String set : List.of("masks", "masks2")) {
                Path dir = Files.createDirectories(folder.resolve(set).resolve(i % 2 == 0 ? "cat" : "dog"));
                byte[] mask = new byte[64];
                Arrays.fill(mask, 0, set.equals("masks") ? 8 : 48, (byte) 255);
                Png.write(new Image(1, 8, 8, mask), dir.resolve(i + ".png"));
            }
        }
        TinyClassifier.write(folder.resolve("classifier2"), 2);
        TinyClassifier.writeImages(folder.resolve("attacked.npz"), folder.resolve("classifier"), 6, 3);
        TinyClassifier.writeImages(folder.resolve("attacked2.npz"), folder.resolve("classifier"), 6, 4);
        Tensor x = Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1));
        Tensor t = Tensor.of(new long[] {100, 700}, 2);
        Npz.write(folder.resolve("in.npz"), Map.of("x", x, "t", t, "y", Tensor.of(new long[] {0, 1}, 2)));
        Npz.write(folder.resolve("in2.npz"), Map.of("x", x, "t", t, "y", Tensor.of(new long[] {1, 1}, 2)));
        Tensor points = Tensor.normal(DType.F64, Shape.of(40, 3), new Philox(4));
        Npz.write(folder.resolve("points.npz"), Map.of("x", points));
        Npz.write(folder.resolve("started.npz"), Map.of("x", points, "init", points.rows(0, 3)));
        Npz.write( // one neighbour is near, two are far and of another class
                folder.resolve("votes.npz"),
                Map.of(
                        "x",
                        Tensor.of(new double[] {1, 0, 0, 1, 0, 1}, 3, 2),
                        "y",
                        Tensor.of(new long[] {1, 0, 0}, 3),
                        "q",
                        Tensor.of(new double[] {1, 0.2}, 1, 2),
                        "yq",
                        Tensor.of(new long[] {1}, 1)));
        Tensor levels = Tensor.normal(DType.F32, Shape.of(2, 9, 10, 3), new Philox(6))
                .times(40)
                .plus(120)
                .to(DType.I64)
                .to(DType.U8);
        Npz.write(folder.resolve("levels.npz"), Map.of("images", levels));
        Npz.write(folder.resolve("levels2.npz"), Map.of("images", levels.rows(1, 2)));
        Npz.write(folder.resolve("features.npz"), Map.of("x", points, "y", points.slice(1, 0, 2)));
        neighbours("knn.npz", points, 3);
        neighbours("knn2.npz", points, 2);
    }

    private static void neighbours(String file, Tensor x, int classes) {
        long[] labels = new long[40];
        Arrays.setAll(labels, i -> (i * 7L + i / 5) % classes);
        Tensor y = Tensor.of(labels, 40);
        Npz.write(
                folder.resolve(file),
                Map.of("x", x.rows(0, 30), "y", y.rows(0, 30), "q", x.rows(30, 40), "yq", y.rows(30, 40)));
    }

    @BeforeAll
    static void shipTheTinyModel() {
        System.setProperty(Home.PROPERTY, folder.resolve("home").toString());
    }

    @AfterAll
    static void shipNothing() {
        System.clearProperty(Home.PROPERTY);
    }

    static List<Row> changes() {
        return Row.of(CHANGES);
    }

    static List<Row> refusals() {
        return Row.of(REFUSALS);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void anOptionChangesWhatComesOut(Row row) throws IOException {
        Map<String, String> before = observe(row.command);
        Map<String, String> after = observe(row.changed());
        assertThat(after).isNotEqualTo(before);
        assertThat(after.get("code")).as(after.get("err")).isEqualTo(row.name().equals("--device") ? "1" : "0");
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void anOptionThatDoesNotIsMisuse(Row row) throws IOException {
        clear();
        Outcome outcome = run(row.changed());
        assertThat(outcome.err()).contains(": " + row.says).containsOnlyOnce("\n");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(results).isEmptyDirectory();
    }

    /** An option without a row is one that nobody has seen to have an effect. */
    @Test
    void everyOptionHasARow() {
        Set<String> there = new TreeSet<>();
        collect("", Canonica.commandLine(), there);
        Set<String> seen = Stream.concat(changes().stream(), refusals().stream())
                .map(row -> command(row.command) + " " + row.name())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(seen).containsAll(there);
    }

    /** The name of a command, with that of the command below it where it has such. */
    private static String command(List<String> words) {
        CommandLine first = Canonica.commandLine().getSubcommands().get(words.getFirst());
        return words.size() > 1 && first.getSubcommands().containsKey(words.get(1))
                ? words.getFirst() + " " + words.get(1)
                : words.getFirst();
    }

    /** What no range is said of is a finite number at least. */
    @Test
    void everyRealNumberIsFinite() {
        Set<String> refused = new TreeSet<>();
        Canonica.commandLine().getSubcommands().forEach((name, command) -> {
            List<String> needed = new ArrayList<>(List.of(name));
            command.getCommandSpec().positionalParameters().forEach(_ -> needed.add("1"));
            command.getCommandSpec().options().stream()
                    .filter(OptionSpec::required)
                    .forEach(option -> needed.addAll(List.of(option.longestName(), "1")));
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (option.type() == double.class || option.type() == Double.class) {
                    Outcome outcome = Outcome.run(Stream.concat(needed.stream(), Stream.of(option.longestName(), "NaN"))
                            .toArray());
                    assertThat(outcome.code())
                            .as(name + " " + option.longestName())
                            .isEqualTo(2);
                    assertThat(outcome.err()).contains(option.longestName() + ": NaN; ");
                    refused.add(option.longestName());
                }
            }
        });
        assertThat(refused).contains("--te", "--guidance", "--rate", "--temperature");
    }

    /** Goes through the options of all commands, but those of the command line as a whole. */
    static void each(String name, CommandLine command, BiConsumer<String, OptionSpec> each) {
        command.getSubcommands().forEach((sub, line) -> {
            String full = (name + " " + sub).strip();
            line.getCommandSpec().options().stream()
                    .filter(option -> !OF_ALL.contains(option.longestName()))
                    .forEach(option -> each.accept(full, option));
            each(full, line, each);
        });
    }

    private static void collect(String name, CommandLine command, Set<String> there) {
        each(name, command, (full, option) -> there.add(full + " " + option.longestName()));
    }

    /** What a command says and writes; settings.json only repeats the command, and a report says how long it took: its pictures are counted. */
    private static Map<String, String> observe(List<String> command) throws IOException {
        clear();
        Outcome outcome = run(command);
        Map<String, String> seen = new TreeMap<>();
        seen.put("code", Integer.toString(outcome.code()));
        seen.put("out", outcome.out());
        seen.put("err", outcome.err());
        seen.put("threads", Integer.toString(Workers.threads()));
        try (Stream<Path> files = Files.walk(results)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = results.relativize(file).toString();
                if (!name.endsWith("settings.json") && !name.endsWith("report.html")) {
                    CRC32 sum = new CRC32();
                    sum.update(Files.readAllBytes(file));
                    seen.put(name, Long.toHexString(sum.getValue()));
                } else if (name.endsWith("report.html")) {
                    String page = Files.readString(file);
                    seen.put("pictures of " + name, page.split("data:image").length + " " + rows(page));
                }
            }
        }
        return seen;
    }

    /** How many rows of pictures each image of a report has. */
    private static List<String> rows(String page) {
        return Pattern.compile("--srows:\\d+")
                .matcher(page)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static Outcome run(List<String> command) {
        String more = Integer.toString(Runtime.getRuntime().availableProcessors() + 1);
        return Outcome.run(command.stream()
                .map(word -> word.replace("$", folder + "/")
                        .replace("@", results + "/")
                        .replace("#", more))
                .toArray());
    }

    private static void clear() throws IOException {
        if (Files.exists(results)) {
            try (Stream<Path> files = Files.walk(results)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(results);
    }
}
