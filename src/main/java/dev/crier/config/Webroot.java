package dev.crier.config;

import dev.crier.config.file.SearchPath;
import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of the static files.
 *
 * @param path an absolute path without symbolic links; for the files in the jar, their path on the class path
 * @param packed whether the files are those in the jar
 */
public record Webroot(String path, boolean packed) {

    /** The folder of the files in the jar, on the class path. */
    public static final String PACKED = "webroot";

    /** The files in the jar, because a folder on the class path cannot be listed. */
    private static final List<String> PACKED_FILES = List.of(
            "/crier.js",
            "/dashboard.html",
            "/dashboard.js",
            "/favicon.svg",
            "/index.css",
            "/index.html",
            "/index.js",
            "/news.html",
            "/news.js",
            "/page.css",
            "/run.html",
            "/run.js");

    private static final int MAX_DEPTH = 8;

    /** A webroot without files, for a Crier whose application has the pages. */
    static final Webroot NONE = new Webroot("", true);

    /** Returns the URL paths of the files in the jar. */
    public static List<String> packedFiles() {
        return PACKED_FILES;
    }

    static Webroot read(Section section) {
        String name = section.string("webroot", PACKED);
        return find(name).orElseGet(() -> section.reject("webroot", "a folder", new Webroot("", true)));
    }

    /** Returns the URL paths of all files, except those that are not valid channel names. */
    Stream<String> files() {
        if (packed) {
            return path.isEmpty() ? Stream.empty() : PACKED_FILES.stream();
        }
        Path root = Path.of(path);
        try (Stream<Path> files = Files.walk(root, MAX_DEPTH)) {
            return files
                    .filter(Files::isRegularFile)
                    .map(file -> "/" + root.relativize(file).toString().replace('\\', '/'))
                    .filter(ChannelName::isValid)
                    .toList()
                    .stream();
        } catch (IOException | UncheckedIOException e) {
            return Stream.empty();
        }
    }

    private static String real(Path folder) {
        try {
            return folder.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Webroot> find(String name) {
        try {
            Optional<Path> folder = SearchPath.find(name).filter(Files::isDirectory);
            if (folder.isPresent() || !name.equals(PACKED)) {
                return folder.map(path -> new Webroot(real(path), false));
            }
            return Optional.of(new Webroot(PACKED, true));
        } catch (InvalidPathException | UncheckedIOException e) {
            return Optional.empty();
        }
    }
}
