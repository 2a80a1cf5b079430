package dev.crier.config.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The arguments and the environment of the process, even if the locale has only ASCII, as in a container or a service
 * without {@code LANG}. Java then silently replaces all other characters, so a secret would be a different one. On Linux, the
 * original bytes are read from {@code /proc} and decoded as UTF-8.
 */
public final class ProcessText {

    private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

    private ProcessText() {}

    /** Whether the locale has only ASCII, so that Java opens no file with another character in its name. */
    public static boolean isAscii() {
        String encoding = System.getProperty("sun.jnu.encoding", "");
        return Charset.isSupported(encoding) && Charset.forName(encoding).equals(StandardCharsets.US_ASCII);
    }

    /**
     * Returns the arguments as they were given.
     *
     * @throws ConfException if that cannot be known
     */
    public static List<String> arguments(String... decoded) {
        if (!isAscii() || List.of(decoded).stream().allMatch(ProcessText::isWhole)) {
            return List.of(decoded);
        }
        List<byte[]> all = read(ARGUMENTS);
        var arguments = new ArrayList<String>();
        for (int i = 0; i < decoded.length; i++) {
            // the program's own arguments come last, after those of the virtual machine
            int at = all.size() - decoded.length + i;
            arguments.add(
                    isWhole(decoded[i])
                            ? decoded[i]
                            : text("an argument", at >= 0 && isSame(decoded[i], all.get(at)) ? all.get(at) : null));
        }
        return arguments;
    }

    /** Whether the ASCII characters are the same: with an argument file of Java's, the process has other arguments. */
    private static boolean isSame(String decoded, byte[] bytes) {
        var ascii = new StringBuilder();
        for (byte b : bytes) {
            if (b >= 0 && b != '?') {
                ascii.append((char) b);
            }
        }
        return decoded.replace("?", "").replace("\ufffd", "").contentEquals(ascii);
    }

    /**
     * Returns a variable of the environment as it was given, or null.
     *
     * @throws ConfException if that cannot be known
     */
    public static String variable(String name) {
        String decoded = System.getenv(name);
        if (decoded == null || !isAscii() || isWhole(decoded)) {
            return decoded;
        }
        byte[] prefix = (name + "=").getBytes(StandardCharsets.US_ASCII);
        Optional<byte[]> entry = read(ENVIRONMENT).stream()
                .filter(bytes -> bytes.length >= prefix.length
                        && ByteBuffer.wrap(bytes, 0, prefix.length).equals(ByteBuffer.wrap(prefix)))
                .findFirst();
        return text(name, entry.orElse(null)).substring(prefix.length);
    }

    /** Whether the text has none of the characters by which Java replaces a byte that is not ASCII. */
    private static boolean isWhole(String decoded) {
        return decoded.indexOf('\ufffd') < 0 && decoded.indexOf('?') < 0;
    }

    private static List<byte[]> read(Path file) {
        var parts = new ArrayList<byte[]>();
        try {
            byte[] bytes = Files.readAllBytes(file);
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    parts.add(Arrays.copyOfRange(bytes, start, i));
                    start = i + 1;
                }
            }
        } catch (IOException e) {
            // not Linux; text() reports it
        }
        return parts;
    }

    private static String text(String what, byte[] bytes) {
        try {
            if (bytes != null) {
                CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                return text.toString();
            }
        } catch (CharacterCodingException e) {
            // reported below
        }
        throw new ConfException(
                what
                        + ": not readable, because the locale has only ASCII (expected: UTF-8, or a locale such as LC_ALL=C.UTF-8)");
    }
}
