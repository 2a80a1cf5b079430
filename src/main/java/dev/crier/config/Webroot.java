package dev.crier.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder of the static files.
 *
 * @param path absolute and without links; or, of the files packed in the jar, relative to the class path
 */
public record Webroot(String path, boolean packed) {

    private static final String PACKED = "webroot";

    static Webroot read(Section section) {
        String name = section.text("webroot", PACKED);
        return find(name).orElseGet(() -> section.refuse("webroot", "a folder", new Webroot("", true)));
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
            Optional<Path> folder = Places.find(name).filter(Files::isDirectory);
            if (folder.isPresent() || !name.equals(PACKED)) {
                return folder.map(path -> new Webroot(real(path), false));
            }
            return Optional.of(new Webroot(PACKED, true));
        } catch (InvalidPathException | UncheckedIOException e) {
            return Optional.empty();
        }
    }
}
