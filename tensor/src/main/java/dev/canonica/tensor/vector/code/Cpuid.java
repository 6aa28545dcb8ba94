package dev.canonica.tensor.vector.code;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the processor says it can do (Intel 64 and IA-32 Software Developer's Manual, volume 2, CPUID). Whether the system saves the wide
 * registers is known from the virtual machine, which would not use them else.
 *
 * @param fma fused multiply-add on vectors of 256 bits
 * @param avx2 whole numbers and masks on vectors of 256 bits
 * @param avx512 the foundation of vectors of 512 bits (AVX512F), and its instructions on vectors of 256 (AVX512VL)
 * @param bf16 products of pairs of bfloat16 numbers on vectors of 512 bits (AVX512_BF16), and exchanging words (AVX512BW)
 */
record Cpuid(boolean fma, boolean avx2, boolean avx512, boolean bf16) {
    private static final int EAX = 0;
    private static final int EBX = 1;
    private static final int ECX = 2;

    /**
     * Asks the processor, which must be x86-64 with System V's calling convention.
     *
     * @throws IllegalStateException if executable memory is not allowed
     */
    static Cpuid read() {
        long entry = EmittedCode.install("cpuid", code());
        int[] features = ask(entry, 1, 0);
        int[] extended = ask(entry, 0, 0)[EAX] >= 7 ? ask(entry, 7, 0) : new int[4];
        int[] more = extended[EAX] >= 1 ? ask(entry, 7, 1) : new int[4];
        return new Cpuid(
                bit(features[ECX], 12),
                bit(extended[EBX], 5),
                bit(extended[EBX], 16) && bit(extended[EBX], 31),
                bit(more[EAX], 5) && bit(extended[EBX], 30));
    }

    private static boolean bit(int word, int index) {
        return (word >> index & 1) != 0;
    }

    /** eax, ebx, ecx, edx of a part of a leaf. */
    private static int[] ask(long entry, int leaf, int part) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(ValueLayout.JAVA_INT, 4);
            EmittedCode.call(entry, leaf, part, words.address(), 0);
            return words.toArray(ValueLayout.JAVA_INT);
        }
    }

    private static byte[] code() {
        int[] code = {
            0x53, // push rbx
            0x89,
            0xF8, // mov eax, edi
            0x89,
            0xF1, // mov ecx, esi
            0x49,
            0x89,
            0xD0, // mov r8, rdx
            0x0F,
            0xA2, // cpuid
            0x41,
            0x89,
            0x00, // mov [r8], eax
            0x41,
            0x89,
            0x58,
            0x04, // mov [r8 + 4], ebx
            0x41,
            0x89,
            0x48,
            0x08, // mov [r8 + 8], ecx
            0x41,
            0x89,
            0x50,
            0x0C, // mov [r8 + 12], edx
            0x5B, // pop rbx
            0xC3 // ret
        };
        byte[] bytes = new byte[code.length];
        for (int i = 0; i < code.length; i++) {
            bytes[i] = (byte) code[i];
        }
        return bytes;
    }
}
