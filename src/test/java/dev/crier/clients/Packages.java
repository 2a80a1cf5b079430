package dev.crier.clients;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Installs the clients that are not in Java in {@code target/clients}, with the programs that run them. If an installation
 * fails, the tests are skipped. Under CI, that is a failure.
 */
public final class Packages {

    static final Path FOLDER = Path.of("target", "clients").toAbsolutePath();

    private static final Path DRIVERS = Path.of("src", "test", "clients");

    private Packages() {}

    /** Installs the npm packages. Returns the folder with {@code node_modules} and the programs. */
    public static Path npm() throws Exception {
        install("package-lock.json", "npm", List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        return FOLDER;
    }

    /** Installs the Python packages. Returns the Python interpreter that finds them. */
    static Path python() throws Exception {
        String python = FOLDER.resolve("venv/bin/python").toString();
        install(
                "requirements.txt",
                "Python",
                List.of("python3", "-m", "venv", "--clear", "venv"),
                List.of(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"));
        return Path.of(python);
    }

    /** Runs the commands, unless they have already run for the same content of the file that pins the versions. */
    @SafeVarargs
    private static void install(String pins, String program, List<String>... commands) throws Exception {
        Files.createDirectories(FOLDER);
        try (var lock = FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock(); // against tests in other processes
            installLocked(pins, program, commands);
        }
    }

    @SafeVarargs
    private static void installLocked(String pins, String program, List<String>... commands) throws Exception {
        copyDrivers();
        Path installed = FOLDER.resolve(pins + ".installed");
        if (Files.exists(installed) && Files.mismatch(installed, FOLDER.resolve(pins)) < 0) {
            return;
        }
        for (List<String> command : commands) {
            String failure = run(command);
            if (!failure.isEmpty()) {
                String reason = "no packages for " + program + ": " + failure;
                if (Boolean.parseBoolean(System.getenv("CI"))) {
                    throw new IOException(reason);
                }
                System.err.println("Tests of clients are skipped, " + reason);
                Assumptions.abort(reason);
            }
        }
        Files.copy(FOLDER.resolve(pins), installed, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copyDrivers() throws IOException {
        try (DirectoryStream<Path> drivers = Files.newDirectoryStream(DRIVERS)) {
            for (Path driver : drivers) {
                Files.copy(driver, FOLDER.resolve(driver.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Runs the command. Returns the reason of a failure, or an empty string. */
    private static String run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes());
            return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
