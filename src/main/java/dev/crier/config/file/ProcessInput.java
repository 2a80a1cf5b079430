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
 * The arguments and the environment variables of the process, complete even if the locale has only ASCII.
 *
 * <p>In such a locale, common in containers and in services without {@code LANG}, Java silently replaces each byte that is
 * not ASCII, and a secret would be another one. On Linux, this class reads the original bytes from {@code /proc} and decodes
 * them as UTF-8.
 */
public final class ProcessInput {

    private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

    private ProcessInput() {}

    /** Returns whether the locale has only ASCII. Java then cannot open a file with other characters in its name. */
    public static boolean isAscii() {
        String encoding = System.getProperty("sun.jnu.encoding", "");
        return Charset.isSupported(encoding) && Charset.forName(encoding).equals(StandardCharsets.US_ASCII);
    }

    /**
     * Returns the arguments as the user has typed them.
     *
     * @param decoded the arguments as Java has decoded them
     * @throws ConfException if an argument is incomplete and its bytes cannot be read
     */
    public static List<String> arguments(String... decoded) {
        if (!isAscii() || List.of(decoded).stream().allMatch(ProcessInput::isComplete)) {
            return List.of(decoded);
        }
        List<byte[]> all = read(ARGUMENTS);
        var arguments = new ArrayList<String>();
        for (int i = 0; i < decoded.length; i++) {
            // the arguments of the virtual machine come first
            int at = all.size() - decoded.length + i;
            arguments.add(
                    isComplete(decoded[i])
                            ? decoded[i]
                            : decode(
                                    "an argument",
                                    at >= 0 && hasSameAscii(decoded[i], all.get(at)) ? all.get(at) : null));
        }
        return arguments;
    }

    /**
     * Returns whether the ASCII characters are the same. They differ if Java has read arguments from a file, because the
     * process then has other arguments than the program.
     */
    private static boolean hasSameAscii(String decoded, byte[] bytes) {
        var ascii = new StringBuilder();
        for (byte b : bytes) {
            if (b >= 0 && b != '?') {
                ascii.append((char) b);
            }
        }
        return decoded.replace("?", "").replace("\ufffd", "").contentEquals(ascii);
    }

    /**
     * Returns an environment variable as the user has set it, or null.
     *
     * @throws ConfException if the value is incomplete and its bytes cannot be read
     */
    static String variable(String name) {
        String decoded = System.getenv(name);
        if (decoded == null || !isAscii() || isComplete(decoded)) {
            return decoded;
        }
        byte[] prefix = (name + "=").getBytes(StandardCharsets.US_ASCII);
        Optional<byte[]> entry = read(ENVIRONMENT).stream()
                .filter(bytes -> bytes.length >= prefix.length
                        && ByteBuffer.wrap(bytes, 0, prefix.length).equals(ByteBuffer.wrap(prefix)))
                .findFirst();
        return decode(name, entry.orElse(null)).substring(prefix.length);
    }

    /** Returns whether the text has none of the characters with which Java replaces a byte that is not ASCII. */
    private static boolean isComplete(String decoded) {
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
            // not Linux; decode() reports it
        }
        return parts;
    }

    private static String decode(String name, byte[] bytes) {
        try {
            if (bytes != null) {
                CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                return decoded.toString();
            }
        } catch (CharacterCodingException e) {
            // reported below
        }
        throw new ConfException(
                name
                        + ": not readable, because the locale has only ASCII (expected: UTF-8, or a locale such as LC_ALL=C.UTF-8)");
    }
}
