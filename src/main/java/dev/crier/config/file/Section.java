package dev.crier.config.file;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One JSON object of the conf, read key by key. What is wrong goes to the {@link Problems}, and the
 * read answers with the default, so that reading goes on and finds the rest. A key that is left out
 * takes the default; {@link #end} refuses the keys that were not asked for.
 */
public final class Section {

    /** What stands there may be a token, put in the wrong place. */
    private static final Pattern SECRET =
            Pattern.compile("(publish|read)(\\..*)?|jwt(\\.secrets)?|channels\\..*\\.read");

    private final String path;
    private final JsonObject json;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    public Section(String path, JsonObject json, Problems problems) {
        this.path = path;
        this.json = json;
        this.problems = problems;
    }

    /**
     * Reads a conf of its own.
     *
     * @throws ConfException with all its problems
     */
    public static <T> T read(JsonObject json, Function<Section, T> reader) {
        var problems = new Problems();
        var section = new Section("", json, problems);
        T conf = reader.apply(section);
        section.end();
        problems.throwIfAny();
        return conf;
    }

    public String text(String key, String byDefault) {
        return value(key, byDefault) instanceof String text ? text : refuse(key, "a text", byDefault);
    }

    /** A text that stands for something: {@code parse} throws where it stands for nothing. */
    public <T> T parsed(String key, T byDefault, Function<String, T> parse, String expected) {
        if (!has(key)) {
            return byDefault;
        }
        if (json.getValue(key) instanceof String text) {
            try {
                return parse.apply(text);
            } catch (RuntimeException e) {
                // told below, in the conf's own words
            }
        }
        return refuse(key, expected, byDefault);
    }

    public int integer(String key, int byDefault, int min, int max) {
        return value(key, byDefault) instanceof Integer number && number >= min && number <= max
                ? number
                : refuse(key, min + ".." + max, byDefault);
    }

    public long bytes(String key, long byDefault, long min, long max) {
        Object value = value(key, byDefault);
        boolean whole = value instanceof Integer || value instanceof Long;
        return whole && ((Number) value).longValue() >= min && ((Number) value).longValue() <= max
                ? ((Number) value).longValue()
                : refuse(key, min + ".." + max, byDefault);
    }

    public Duration duration(String key, Duration byDefault, Duration min, Duration max) {
        return parsed(
                key,
                byDefault,
                text -> within(Duration.parse(text), min, max),
                "an ISO 8601 duration, " + min + ".." + max);
    }

    private static Duration within(Duration duration, Duration min, Duration max) {
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException();
        }
        return duration;
    }

    /** A list of texts, each of them as the predicate wants it. */
    public List<String> texts(String key, List<String> byDefault, Predicate<String> valid, String expected) {
        if (!(value(key, new JsonArray(byDefault)) instanceof JsonArray array)) {
            return refuse(key, "a list, each " + expected, byDefault);
        }
        var texts = new ArrayList<String>();
        for (int i = 0; i < array.size(); i++) {
            if (array.getValue(i) instanceof String text && valid.test(text)) {
                texts.add(text);
            } else {
                problems.add(path(key) + "[" + i + "]", array.getValue(i), expected);
            }
        }
        return texts;
    }

    /** A list of texts that are shown to nobody, not even where they are wrong. */
    public List<String> secrets(String key, Predicate<String> valid, String expected) {
        var secrets = new ArrayList<String>();
        if (value(key, new JsonArray()) instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.getValue(i) instanceof String text && valid.test(text)) {
                    secrets.add(text);
                } else {
                    tell(path(key) + "[" + i + "]: not shown (expected: " + expected + ")");
                }
            }
        } else {
            tell(path(key) + ": not shown (expected: a list)");
        }
        return secrets;
    }

    public boolean flag(String key, boolean byDefault) {
        return value(key, byDefault) instanceof Boolean flag ? flag : refuse(key, "true or false", byDefault);
    }

    public boolean isObject(String key) {
        return value(key, null) instanceof JsonObject;
    }

    public Section section(String key) {
        return section(key, new JsonObject());
    }

    public Section section(String key, JsonObject byDefault) {
        return new Section(path(key), object(key, byDefault), problems);
    }

    /** What it reads. */
    public JsonObject json() {
        return json;
    }

    private JsonObject object(String key, JsonObject byDefault) {
        return value(key, byDefault) instanceof JsonObject object ? object : refuse(key, "an object", byDefault);
    }

    /** The keys, where they are names of the user's own and not keys that Crier knows. */
    public Set<String> names() {
        known.addAll(json.fieldNames());
        return json.fieldNames();
    }

    public boolean has(String key) {
        known.add(key);
        return json.containsKey(key);
    }

    /** Says that the key cannot stand beside something else. */
    public void collision(String key, String with) {
        tell(path(key) + ": collides with " + with);
    }

    public void tell(String problem) {
        problems.add(problem);
    }

    /** Says that the key's value is not what is expected, and answers with what to go on with. */
    public <T> T refuse(String key, String expected, T instead) {
        if (has(key) && SECRET.matcher(path(key)).matches() && !(json.getValue(key) instanceof Number)) {
            tell(path(key) + ": not shown (expected: " + expected + ")");
        } else if (has(key)) {
            problems.add(path(key), json.getValue(key), expected);
        } else {
            problems.add(path(key) + ": missing (expected: " + expected + ")");
        }
        return instead;
    }

    /** To be called when all keys have been read. */
    public void end() {
        for (String key : json.fieldNames()) {
            if (!known.contains(key)) {
                problems.add(path(key) + ": unknown (" + Nearest.suggestion(key, known) + ")");
            }
        }
    }

    private Object value(String key, Object byDefault) {
        known.add(key);
        return json.containsKey(key) ? json.getValue(key) : byDefault;
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
