package dev.canonica.data.image;

/**
 * The screen of a GIF file, and where on it the first frame lies. Around the frame is its transparent colour, or colour 0 if
 * it has none; a frame that reaches beyond the screen widens it (as Pillow has it).
 *
 * @param fill the index of the colour around the frame
 */
record GifScreen(int width, int height, int left, int top, int fill) {

    /** From a file's headers, up to the first frame; a screen of nothing where there is none, for the decoder to refuse. */
    static GifScreen of(byte[] bytes) {
        int fill = 0;
        int at = 13 + (at(bytes, 10) >= 0x80 ? 3 << (at(bytes, 10) & 7) + 1 : 0);
        while (at(bytes, at) == 0x21) {
            boolean control = at(bytes, at + 1) == 0xf9;
            at += 2;
            if (control && (at(bytes, at + 1) & 1) != 0) {
                fill = at(bytes, at + 4);
            }
            while (at(bytes, at) != 0) {
                at += 1 + at(bytes, at);
            }
            at++;
        }
        return new GifScreen(u16(bytes, 6), u16(bytes, 8), u16(bytes, at + 1), u16(bytes, at + 3), fill);
    }

    /** The frame on the screen. */
    Image place(Image frame, int rgb, String name) {
        int w = Math.max(width, left + frame.width());
        int h = Math.max(height, top + frame.height());
        if (w == frame.width() && h == frame.height()) {
            return frame;
        }
        ImageFiles.checkSize(w, h, name);
        byte[] screen = new byte[3 * w * h];
        byte[] colour = {(byte) (rgb >> 16), (byte) (rgb >> 8), (byte) rgb};
        for (int i = 0; i < screen.length; i++) {
            screen[i] = colour[i % 3];
        }
        for (int y = 0; y < frame.height(); y++) {
            System.arraycopy(
                    frame.pixels(), 3 * y * frame.width(), screen, 3 * ((top + y) * w + left), 3 * frame.width());
        }
        return new Image(3, h, w, screen);
    }

    private static int u16(byte[] bytes, int i) {
        return at(bytes, i) | at(bytes, i + 1) << 8;
    }

    private static int at(byte[] bytes, int i) {
        return i < bytes.length ? bytes[i] & 0xff : 0;
    }
}
