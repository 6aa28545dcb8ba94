package dev.canonica.cuda.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/** NVIDIA's runtime compiler, which makes machine code for one kind of card. */
final class Nvrtc implements Compiler {
    /** Of a log, which may have hundreds. */
    private static final int LINES = 8;

    private final String version;

    /**
     * Loads the library.
     *
     * @throws UnsatisfiedLinkError if it is not there
     */
    Nvrtc() {
        Natives.load(() -> JNvrtc.setExceptionsEnabled(false));
        int[] major = {0};
        int[] minor = {0};
        int result = JNvrtc.nvrtcVersion(major, minor);
        if (result != nvrtcResult.NVRTC_SUCCESS) {
            throw new UnsatisfiedLinkError("nvrtcVersion failed: " + JNvrtc.nvrtcGetErrorString(result));
        }
        version = "NVRTC " + major[0] + "." + minor[0];
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public byte[] compile(Unit unit, List<String> options) throws CompilationException {
        String[] names = unit.headers().keySet().toArray(String[]::new);
        String[] texts = unit.headers().values().toArray(String[]::new);
        nvrtcProgram program = new nvrtcProgram();
        check(unit, JNvrtc.nvrtcCreateProgram(program, unit.text(), unit.name(), names.length, texts, names));
        try {
            int result = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
            if (result != nvrtcResult.NVRTC_SUCCESS) {
                throw new CompilationException(unit.name() + ": " + JNvrtc.nvrtcGetErrorString(result) + log(program));
            }
            long[] size = {0};
            check(unit, JNvrtc.nvrtcGetCUBINSize(program, size));
            byte[] image = new byte[Math.toIntExact(size[0])];
            check(unit, JNvrtc.nvrtcGetCUBIN(program, image));
            return image;
        } finally {
            check(unit, JNvrtc.nvrtcDestroyProgram(program));
        }
    }

    private static void check(Unit unit, int result) throws CompilationException {
        if (result != nvrtcResult.NVRTC_SUCCESS) {
            throw new CompilationException(unit.name() + ": " + JNvrtc.nvrtcGetErrorString(result));
        }
    }

    /** The first lines of the log, each after a line break; nothing if there is none. */
    private static String log(nvrtcProgram program) {
        String[] log = {""};
        JNvrtc.nvrtcGetProgramLog(program, log);
        List<String> lines = new ArrayList<>(
                log[0].replace("\0", "").lines().filter(line -> !line.isBlank()).toList());
        int more = lines.size() - LINES;
        if (more > 1) {
            lines.subList(LINES, lines.size()).clear();
            lines.add("and " + more + " lines more");
        }
        return lines.stream().map(line -> System.lineSeparator() + "  " + line).collect(Collectors.joining());
    }
}
