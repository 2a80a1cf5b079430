package dev.crier.clients;

/** Texts that an incorrect encoder or parser changes. */
enum OddText {
    EMPTY(""),
    SPACE(" "),
    LEADING_SPACES("  two spaces first"),
    TRAILING_SPACES("two spaces last  "),
    TAB("\ta\ttab"),
    LF("a\nb"),
    CR("a\rb"),
    CRLF("a\r\nb"),
    MIXED_LINE_ENDS("a\r\rb\n\rc\r\n\nd"),
    ONLY_LF("\n"),
    LEADING_LF("\n\na"),
    TRAILING_LF("a\n\n"),
    EMPTY_LINES_INSIDE("a\n\n\nb"),
    COLON(":"),
    COLONS(": a\n:b\na:b"),
    LIKE_FIELDS("data: x\nid: 7\nevent: forged\nretry: 1"),
    LIKE_A_BLOCK("a\n\ndata: forged\nid: 7\n\n"),
    NUL("a\0b"),
    CONTROLS("\u0001\u000B\f\u001C\u001F\u007F\u0085"),
    LINE_SEPARATORS("a\u2028b\u2029c"),
    BOM("\uFEFFa\n\uFEFFb"),
    EMOJI("\uD83D\uDC69\u200D\uD83D\uDE80 \u00E9e\u0301 \uFFFD\uDBFF\uDFFD"),
    LONG("0123456789".repeat(6_000));

    private final String text;

    OddText(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
