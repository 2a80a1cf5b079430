package dev.crier.config.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code -conf}: how it is read, and merged into {@code conf/config.json}. */
class ConfFileTest {

    private static JsonObject load(String option) {
        return ConfFile.load(option).merged();
    }

    private static String error(String option) {
        return assertThrows(ConfException.class, () -> load(option)).getMessage();
    }

    @Test
    void theOptionIsMergedIntoTheDefaults() {
        JsonObject conf = load("{\"port\": 8081, \"channels\": {\"/news\": {\"keep\": \"latest\"}}}");
        assertEquals(8081, conf.getInteger("port"));
        assertEquals("PT4S", conf.getString("heartbeat"));
        assertEquals(
                List.of("/currentTime", "/news"),
                List.copyOf(conf.getJsonObject("channels").fieldNames()));
    }

    @Test
    void withoutTheOptionTheDefaultsApply() {
        assertEquals(ConfFile.packed(), load(null));
    }

    @Test
    void nullRemovesAKey() {
        JsonObject conf = load(" {\"channels\": {\"/currentTime\": null}}");
        assertEquals(new JsonObject(), conf.getJsonObject("channels"));
    }

    @Test
    void aListReplacesAList() {
        JsonObject conf = load("{\"cors\": {\"origins\": [\"https://a.example\"]}}");
        assertEquals(
                List.of("https://a.example"),
                conf.getJsonObject("cors").getJsonArray("origins").getList());
    }

    @Test
    void theOptionMayBeTheNameOfAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("my.json"), "{\"port\": 8082}");
        assertEquals(8082, load(file.toString()).getInteger("port"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {\\n "port": 1,\\n oops\\n}   | -conf: line 3, column 2: malformed JSON (expected: a JSON object)
            {"port": 1                    | -conf: line 1, column 11: malformed JSON (expected: a JSON object)
            {"port": 1} {}                | -conf: line 1, column 13: malformed JSON (expected: a JSON object)
            {"port": 1,\\n"port": 2}      | -conf: line 2, column 7: malformed JSON (expected: a JSON object)
            """)
    void malformedJsonIsReportedWithLineAndColumn(String json, String error) {
        assertEquals(error, error(json.replace("\\n", "\n")));
    }

    @Test
    void malformedJsonIsNotQuotedBecauseItMayBeAToken() {
        assertFalse(error("{\"publish\": {\"tokens\": [a-secret-token]}}").contains("secret"));
    }

    @Test
    void deeplyNestedJsonIsReportedInOneLine() {
        assertEquals("-conf: nested too deeply, or too long (expected: a JSON object)", error("{\"a\":".repeat(2_000)));
    }

    @Test
    void aFileThatCannotBeReadIsReportedByItsName(@TempDir Path folder) throws Exception {
        String expected = " (expected: a readable file with a JSON object)";
        assertEquals("no/such.json: no such file" + expected, error("no/such.json"));
        assertEquals(folder + ": Is a directory" + expected, error(folder.toString()));
        assertEquals("a\0b: not a valid path" + expected, error("a\0b"));
        Path list = Files.writeString(folder.resolve("list.json"), "[1]");
        assertEquals(list + ": line 1, column 1: malformed JSON (expected: a JSON object)", error(list.toString()));
    }
}
