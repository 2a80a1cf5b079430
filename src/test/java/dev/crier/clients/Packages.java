package dev.crier.clients;

import dev.crier.testing.Installation;
import java.nio.file.Path;

/** The clients that are not in Java, with the programs that run them, in {@code target/clients}. */
public final class Packages {

    static final Path FOLDER = Path.of("target", "clients").toAbsolutePath();

    private static final Installation CLIENTS = new Installation(Path.of("src", "test", "clients"), FOLDER);

    private Packages() {}

    /** Installs the npm packages. Returns the folder with {@code node_modules} and the programs. */
    public static Path npm() throws Exception {
        return CLIENTS.npm();
    }

    /** Installs the Python packages. Returns the Python interpreter that finds them. */
    static Path python() throws Exception {
        return CLIENTS.python();
    }
}
