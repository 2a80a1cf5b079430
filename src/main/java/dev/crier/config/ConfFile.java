package dev.crier.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Finds and reads the JSON of the conf. */
public final class ConfFile {

    private static final String NAME = "conf/config.json";
    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ConfFile() {}

    /**
     * What to run with: {@code conf/config.json} of the working folder, else of the jar's, else the
     * packed one.
     *
     * @throws ConfException if there is one that cannot be read
     */
    public static JsonObject base() {
        return Places.find(NAME).map(ConfFile::read).map(ConfFile::completed).orElseGet(ConfFile::packed);
    }

    /**
     * The base with what is given laid over it, as a JSON merge patch (RFC 7396): objects are merged,
     * null removes, all else replaces.
     *
     * @param given JSON, or the path of a file with JSON
     * @throws ConfException if it cannot be read
     */
    public static JsonObject baseWith(String given) {
        JsonObject patch = given.stripLeading().startsWith("{")
                ? parse("conf", given.getBytes(StandardCharsets.UTF_8))
                : read(given);
        return merge(base(), patch);
    }

    /** Whole already here, so that what is laid over it is laid over the default channels too. */
    private static JsonObject completed(JsonObject file) {
        return packed().mergeIn(file);
    }

    static JsonObject packed() {
        try (InputStream in = ConfFile.class.getResourceAsStream("/" + NAME)) {
            return new JsonObject(Buffer.buffer(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject read(String file) {
        try {
            return read(Path.of(file));
        } catch (InvalidPathException e) {
            throw new ConfException(unreadable(file, "no path"));
        }
    }

    private static JsonObject read(Path file) {
        try {
            return parse("conf: " + file, Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new ConfException(unreadable(file, "no such file"));
        } catch (AccessDeniedException e) {
            throw new ConfException(unreadable(file, "access denied"));
        } catch (IOException e) {
            throw new ConfException(unreadable(file, e.getMessage()));
        }
    }

    private static String unreadable(Object file, String why) {
        return "conf: " + file + ": " + why + " (expected: a readable file with a JSON object)";
    }

    /** Looked at by the parser first, for only it knows where in the text a fault is. */
    private static JsonObject parse(String source, byte[] json) {
        try (JsonParser parser = STRICT.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(parser, "no object", parser.currentTokenLocation());
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "more than one object", parser.currentTokenLocation());
            }
        } catch (JsonProcessingException e) {
            throw new ConfException(source + ": " + where(e) + " (expected: a JSON object)");
        } catch (IOException e) {
            throw new ConfException(source + ": " + e.getMessage() + " (expected: a JSON object)");
        }
        return new JsonObject(Buffer.buffer(json));
    }

    /** Not what stands there: it may be a token. */
    private static String where(JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": malformed";
    }

    private static JsonObject merge(JsonObject target, JsonObject patch) {
        JsonObject merged = target.copy();
        for (String key : patch.fieldNames()) {
            Object value = patch.getValue(key);
            if (value == null && merged.containsKey(key)) {
                merged.remove(key);
            } else if (value instanceof JsonObject inner) {
                JsonObject under = merged.getValue(key) instanceof JsonObject o ? o : new JsonObject();
                merged.put(key, merge(under, inner));
            } else {
                merged.put(key, value);
            }
        }
        return merged;
    }
}
