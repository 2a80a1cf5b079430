package dev.crier.config.file;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where files are looked for: in the working folder, then beside the jar. */
public final class Places {

    private Places() {}

    /** The first that is there, as an absolute path. */
    public static Optional<Path> find(String name) {
        return Stream.concat(Stream.of(Path.of(name)), besideJar(name))
                .filter(Files::exists)
                .map(path -> path.toAbsolutePath().normalize())
                .findFirst();
    }

    private static Stream<Path> besideJar(String name) {
        try {
            URI code = Places.class
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
