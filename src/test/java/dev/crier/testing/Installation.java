package dev.crier.testing;

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
 * Installs packages from npm and PyPI in a folder, beside copies of the files that run them. If an installation fails, the tests
 * that need it are skipped. Under CI, that is a failure.
 *
 * @param source the folder with the files, one of which pins the versions of the packages
 * @param folder the folder where the packages are installed
 */
public record Installation(Path source, Path folder) {

    /** Installs the packages of {@code package-lock.json}. Returns the folder with {@code node_modules} and the files. */
    public Path npm() throws Exception {
        install("package-lock.json", "npm", List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        return folder;
    }

    /** Installs the packages of {@code requirements.txt}. Returns the Python interpreter that finds them. */
    public Path python() throws Exception {
        String python = folder.resolve("venv/bin/python").toString();
        install(
                "requirements.txt",
                "Python",
                List.of("python3", "-m", "venv", "--clear", "venv"),
                List.of(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"));
        return Path.of(python);
    }

    /** Runs the commands, unless they have already run for the same content of the file that pins the versions. */
    @SafeVarargs
    private void install(String pins, String program, List<String>... commands) throws Exception {
        Files.createDirectories(folder);
        try (var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock(); // against tests in other processes
            installLocked(pins, program, commands);
        }
    }

    @SafeVarargs
    private void installLocked(String pins, String program, List<String>... commands) throws Exception {
        copyFiles();
        Path installed = folder.resolve(pins + ".installed");
        if (Files.exists(installed) && Files.mismatch(installed, folder.resolve(pins)) < 0) {
            return;
        }
        for (List<String> command : commands) {
            String failure = run(command);
            if (!failure.isEmpty()) {
                String reason = "no packages for " + program + ": " + failure;
                if (Boolean.parseBoolean(System.getenv("CI"))) {
                    throw new IOException(reason);
                }
                System.err.println("Tests are skipped, " + reason);
                Assumptions.abort(reason);
            }
        }
        Files.copy(folder.resolve(pins), installed, StandardCopyOption.REPLACE_EXISTING);
    }

    private void copyFiles() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(source, Files::isRegularFile)) {
            for (Path file : files) {
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Runs the command. Returns the reason of a failure, or an empty string. */
    private String run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes());
            return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
