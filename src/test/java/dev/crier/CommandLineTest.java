package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    private static CommandLine parse(String line) {
        return CommandLine.parse(List.of(line.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-conf my.json", "--conf my.json", "-CONF my.json", "-conf=my.json", "-options {} --conf=my.json"
            })
    void theConfigurationOptionHasSeveralForms(String line) {
        assertEquals(Optional.of("my.json"), parse(line).conf());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-conf", "-conf=", "-conf=none.json -CONF {}", "-conf {} --conf {}"})
    void aConfigurationOptionWithoutAValueOrGivenTwiceIsRejected(String line) {
        var problem = assertThrows(ConfException.class, () -> parse(line));
        assertEquals(
                List.of("-conf: without a value, or twice (expected: once, with a file or a JSON object)"),
                problem.errors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"conf.json", "-instances 1 conf.json", "-conf {} conf.json"})
    void anArgumentThatBelongsToNoOptionIsRejected(String line) {
        var problem = assertThrows(ConfException.class, () -> parse(line));
        assertEquals(List.of("conf.json: unknown (expected: options, such as -conf FILE)"), problem.errors());
    }

    @Test
    void allOtherOptionsAreForTheLauncher() {
        CommandLine line = parse("-instances 1 -conf {} -options {}");
        assertEquals(List.of("-instances", "1", "-options", "{}"), line.forLauncher());
        assertEquals(
                List.of(true, false),
                List.of(line.hasVertxOptions(), parse("-conf {}").hasVertxOptions()));
    }
}
