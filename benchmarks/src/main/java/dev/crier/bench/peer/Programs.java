package dev.crier.bench.peer;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds and runs programs of this machine, and finds free ports for them. */
public final class Programs {

    private Programs() {}

    /** Finds a program in the folders of PATH, in /usr/sbin and in Go's default folder for programs. */
    static Optional<Path> find(String name) {
        Stream<String> path = Stream.of(System.getenv("PATH").split(File.pathSeparator));
        Stream<String> others = Stream.of("/usr/sbin", System.getProperty("user.home") + "/go/bin");
        return Stream.concat(path, others)
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Returns the output of the command, or empty if it fails. */
    static Optional<String> output(String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the command that runs a main class with the Java and the class path of this process. */
    public static List<String> java(Class<?> main, String... arguments) {
        var command = new ArrayList<>(List.of(java(), "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
