package dev.crier.config.file;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds files and folders of Crier in the working folder, or else beside the jar. */
public final class SearchPath {

    private SearchPath() {}

    /** Returns the absolute path of the first file or folder that exists. */
    public static Optional<Path> find(String name) {
        return Stream.concat(Stream.of(Path.of(name)), besideJar(name))
                .filter(Files::exists)
                .map(path -> path.toAbsolutePath().normalize())
                .findFirst();
    }

    private static Stream<Path> besideJar(String name) {
        try {
            URI code = SearchPath.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Stream.of(Path.of(code)).filter(Files::isRegularFile).map(jar -> jar.resolveSibling(name));
        } catch (URISyntaxException e) {
            return Stream.empty();
        }
    }
}
