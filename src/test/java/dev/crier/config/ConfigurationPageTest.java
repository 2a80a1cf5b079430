package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import dev.crier.source.ClockVerticle;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares the tables of {@code docs/configuration.md} with {@code conf/config.json} and with the validation. */
class ConfigurationPageTest {

    private static final String CLOCK = ClockVerticle.class.getName();

    /** The path of the clock's keys in the configuration. The page has them in a table of their own, without it. */
    private static final String CLOCK_KEYS = "channels./currentTime.source.config.";

    /** Keys of the page that {@code conf/config.json} does not contain, because the default channel has another value. */
    private static final Set<String> OTHER_KEYS =
            Set.of("channels.*.keep.events", "channels.*.keep.age", "channels.*.source.config");

    /** A key, its default and its range. */
    private static final Pattern ROW =
            Pattern.compile("^\\| `([^`]+)` \\| ([^|]+) \\| (?:`([^`|]+)`)? ?\\| [^|]+ \\|$", Pattern.MULTILINE);

    /** The range in a message: of a number, or of a duration. */
    private static final Pattern RANGE =
            Pattern.compile("\\(expected: (?:an ISO 8601 duration, )?(\\S+\\.\\.\\S+)\\)$");

    private static final String RANGE_DEPENDS_ON_THE_HEAP = "log.memoryBytes";

    private record Row(String key, String byDefault, String range) {}

    private static List<Row> rows() throws Exception {
        return ROW.matcher(Files.readString(Path.of("docs/configuration.md")))
                .results()
                .map(row -> new Row(row.group(1), row.group(2), row.group(3)))
                .toList();
    }

    /** Returns the default of each key as the page writes it: as JSON in backticks. */
    private static Map<String, String> defaults() throws Exception {
        var defaults = new TreeMap<String, String>();
        collect("", new JsonObject(Files.readString(Path.of("conf/config.json"))), defaults);
        defaults.put("channels.*.source.verticle", "none"); // the clock's channel has one, other channels do not
        return defaults;
    }

    private static void collect(String path, JsonObject json, Map<String, String> defaults) {
        json.forEach(member -> {
            String key = path + member.getKey();
            if (member.getValue() instanceof JsonObject inner) {
                collect(key + ".", inner, defaults);
            } else {
                String value = new JsonArray().add(member.getValue()).encode();
                defaults.put(onThePage(key), "`" + value.substring(1, value.length() - 1) + "`");
            }
        });
    }

    private static String onThePage(String key) {
        return key.startsWith(CLOCK_KEYS)
                ? key.substring(CLOCK_KEYS.length())
                : key.replace("channels./currentTime.", "channels.*.");
    }

    @Test
    void thePageHasEachKeyOnceWithItsDefault() throws Exception {
        var onThePage = new TreeMap<String, String>();
        for (Row row : rows()) {
            String earlier = onThePage.put(row.key(), row.byDefault());
            assertNull(earlier, row.key() + " is on the page twice");
        }
        onThePage.keySet().removeAll(OTHER_KEYS);
        assertEquals(lines(defaults()), lines(onThePage));
    }

    @Test
    void thePageHasTheKeysThatTheDefaultChannelLacks() throws Exception {
        var missing = new TreeSet<>(OTHER_KEYS);
        rows().forEach(row -> missing.remove(row.key()));
        assertEquals(Set.of(), missing);
    }

    private static String lines(Map<String, String> map) {
        var lines = new StringBuilder();
        map.forEach(
                (key, value) -> lines.append(key).append(" = ").append(value).append('\n'));
        return lines.toString();
    }

    /** The message for a value of the wrong type ends with the range, if there is one. */
    @Test
    void eachRangeOnThePageIsTheOneThatIsValidated() throws Exception {
        for (Row row : rows()) {
            if (!row.key().equals(RANGE_DEPENDS_ON_THE_HEAP)) {
                String path = path(row.key());
                String problem = problems(wrong(path)).stream()
                        .filter(line -> line.startsWith(path + ":"))
                        .findFirst()
                        .orElse("no problem at " + path);
                assertEquals(row.range(), range(problem), problem);
            }
        }
    }

    private static String range(String problem) {
        var range = RANGE.matcher(problem);
        return range.find() ? range.group(1) : null;
    }

    private static String path(String key) throws Exception {
        var clock = new JsonObject(Files.readString(Path.of("conf/config.json")))
                .getJsonObject("channels")
                .getJsonObject("/currentTime")
                .getJsonObject("source")
                .getJsonObject("config");
        return clock.containsKey(key) ? CLOCK_KEYS + key : key.replace("channels.*.", "channels./other.");
    }

    /** Returns a configuration in which the key has a value of the wrong type. */
    private static JsonObject wrong(String path) {
        List<String> keys = List.of(path.split("\\."));
        var conf = new JsonObject();
        JsonObject inner = conf;
        for (String key : keys.subList(0, keys.size() - 1)) {
            if (key.equals("config")) {
                inner.put("verticle", CLOCK);
            }
            var next = new JsonObject();
            inner.put(key, next);
            inner = next;
        }
        inner.put(keys.get(keys.size() - 1), 0.5);
        return conf;
    }

    private static List<String> problems(JsonObject json) {
        return assertThrows(ConfException.class, () -> Conf.read(json, Map.of(CLOCK, ClockVerticle::check)))
                .errors();
    }
}
