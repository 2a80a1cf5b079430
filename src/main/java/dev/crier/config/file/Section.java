package dev.crier.config.file;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One JSON object of the configuration, read key by key.
 *
 * <p>Each reading method validates a value. It reports an invalid value as an error and returns the default, so that
 * reading goes on and finds all other errors. A missing key has its default. {@link #rejectUnknownKeys} comes last and
 * reports the keys that no method has read.
 *
 * <p>The class is long because it has one method for each type of value.
 */
public final class Section {

    /** Paths at which a token may be pasted by mistake. Errors show none of their values except numbers. */
    private static final Pattern SECRET = Pattern.compile(
            "(publish|read)(\\..*)?|management(\\.tokens)?|jwt(\\.secrets)?|log(\\.redis(\\.url)?)?|channels\\..*\\.read");

    private final String path;
    private final JsonObject json;
    private final ConfErrors errors;
    private final Set<String> known = new LinkedHashSet<>();

    private Section(String path, JsonObject json, ConfErrors errors) {
        this.path = path;
        this.json = json;
        this.errors = errors;
    }

    /**
     * Reads a whole configuration.
     *
     * @throws ConfException with all errors
     */
    public static <T> T read(JsonObject json, Function<Section, T> reader) {
        var errors = new ConfErrors();
        var section = new Section("", json, errors);
        T result = reader.apply(section);
        section.rejectUnknownKeys();
        errors.throwIfAny();
        return result;
    }

    /** Returns a section that ignores its errors, to read what is valid of a configuration that is validated later. */
    public static Section lenient(JsonObject json) {
        return new Section("", json, new ConfErrors());
    }

    public String string(String key, String defaultValue) {
        return value(key, defaultValue) instanceof String string ? string : reject(key, "a string", defaultValue);
    }

    /** Reads a string in a format of its own. Any exception of {@code parse} means that the string is invalid. */
    public <T> T parsed(String key, T defaultValue, Function<String, T> parse, String expected) {
        if (!has(key)) {
            return defaultValue;
        }
        if (json.getValue(key) instanceof String string) {
            try {
                return parse.apply(string);
            } catch (RuntimeException e) {
                // the error says what is expected instead
            }
        }
        return reject(key, expected, defaultValue);
    }

    public int integer(String key, int defaultValue, int min, int max) {
        return value(key, defaultValue) instanceof Integer number && number >= min && number <= max
                ? number
                : reject(key, min + ".." + max, defaultValue);
    }

    public long bytes(String key, long defaultValue, long min, long max) {
        Object value = value(key, defaultValue);
        boolean isWhole = value instanceof Integer || value instanceof Long;
        return isWhole && ((Number) value).longValue() >= min && ((Number) value).longValue() <= max
                ? ((Number) value).longValue()
                : reject(key, min + ".." + max, defaultValue);
    }

    public Duration duration(String key, Duration defaultValue, Duration min, Duration max) {
        return parsed(
                key,
                defaultValue,
                string -> within(Duration.parse(string), min, max),
                "an ISO 8601 duration, " + min + ".." + max);
    }

    private static Duration within(Duration duration, Duration min, Duration max) {
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException();
        }
        return duration;
    }

    public boolean bool(String key, boolean defaultValue) {
        return value(key, defaultValue) instanceof Boolean bool ? bool : reject(key, "true or false", defaultValue);
    }

    /** Reads a list of strings. */
    public List<String> strings(String key, List<String> defaultValue, Predicate<String> valid, String expected) {
        if (!(value(key, new JsonArray(defaultValue)) instanceof JsonArray array)) {
            return reject(key, "a list, each " + expected, defaultValue);
        }
        var strings = new ArrayList<String>();
        for (int i = 0; i < array.size(); i++) {
            if (array.getValue(i) instanceof String string && valid.test(string)) {
                strings.add(string);
            } else {
                errors.addValue(path(key) + "[" + i + "]", array.getValue(i), expected);
            }
        }
        return strings;
    }

    /**
     * Reads a list of secrets, and one more from an environment variable. Invalid secrets do not appear in an error either.
     *
     * @param variable the name of the environment variable, for secrets that must not be in a file
     */
    public List<String> secrets(String key, String variable, Predicate<String> valid, String expected) {
        var secrets = new ArrayList<String>();
        if (value(key, new JsonArray()) instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.getValue(i) instanceof String string && valid.test(string)) {
                    secrets.add(string);
                } else {
                    errors.add(path(key) + "[" + i + "]", ConfErrors.HIDDEN, expected);
                }
            }
        } else {
            errors.add(path(key), ConfErrors.HIDDEN, "a list");
        }
        secret(variable, valid, expected).ifPresent(secrets::add);
        return secrets;
    }

    /** Reads a secret from an environment variable, if it is set. An error never shows the value. */
    public Optional<String> secret(String variable, Predicate<String> valid, String expected) {
        String secret = ProcessInput.variable(variable);
        if (secret != null && !valid.test(secret)) {
            errors.add(variable, ConfErrors.HIDDEN, expected);
        }
        return Optional.ofNullable(secret);
    }

    public Section section(String key) {
        return section(key, new JsonObject());
    }

    public Section section(String key, JsonObject defaultValue) {
        JsonObject inner =
                value(key, defaultValue) instanceof JsonObject object ? object : reject(key, "an object", defaultValue);
        return new Section(path(key), inner, errors);
    }

    /** Returns all keys of a section in which the user chooses the keys, such as the names of channels. */
    public Set<String> names() {
        known.addAll(json.fieldNames());
        return json.fieldNames();
    }

    public boolean has(String key) {
        known.add(key);
        return json.containsKey(key);
    }

    /** Returns whether the key is missing or null. */
    public boolean isNull(String key) {
        return value(key, null) == null;
    }

    public boolean isObject(String key) {
        return value(key, null) instanceof JsonObject;
    }

    /** Returns the JSON of this section, without any validation. */
    public JsonObject json() {
        return json;
    }

    /** Reports that the key's value is invalid or missing. Returns {@code instead}, so that reading continues. */
    public <T> T reject(String key, String expected, T instead) {
        if (!has(key)) {
            report(key, "missing", expected);
        } else if (SECRET.matcher(path(key)).matches() && !(json.getValue(key) instanceof Number)) {
            report(key, ConfErrors.HIDDEN, expected);
        } else {
            errors.addValue(path(key), json.getValue(key), expected);
        }
        return instead;
    }

    /**
     * Reports an error by a description instead of the value.
     *
     * @param key may be the path of a key in an inner section
     */
    public void report(String key, String found, String expected) {
        errors.add(path(key), found, expected);
    }

    /** Reports the keys that were not read. Called after all others have been read. */
    public void rejectUnknownKeys() {
        for (String key : json.fieldNames()) {
            if (!known.contains(key)) {
                report(key, "unknown key", KeySuggestion.of(key, known));
            }
        }
    }

    private Object value(String key, Object defaultValue) {
        return has(key) ? json.getValue(key) : defaultValue;
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
