package dev.crier.config.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
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
import java.util.ArrayList;
import java.util.Optional;

/** Finds and reads the JSON of the conf. */
public final class ConfFile {

    private static final String NAME = "conf/config.json";
    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ConfFile() {}

    /**
     * Loads {@code conf/config.json} from the working folder, else from beside the jar, else from the jar. Applies the given
     * configuration to it as a JSON merge patch (RFC 7396): objects are merged, null removes, all else replaces.
     *
     * @param given JSON, or the path of a file with JSON; or null
     * @throws ConfException if one of them cannot be read
     */
    public static ConfLayers load(String given) {
        var layers = new ArrayList<ConfLayers.Layer>();
        JsonObject merged = packed();
        Optional<Path> base = Places.find(NAME);
        if (base.isPresent()) {
            JsonObject file = read(base.get());
            layers.add(new ConfLayers.Layer(base.get().toString(), file));
            // the packed file stays below, so that the given patch applies to the default channels too
            merged.mergeIn(file);
        }
        if (given != null) {
            boolean isJson = given.stripLeading().startsWith("{");
            JsonObject patch = isJson ? parse("conf", given.getBytes(StandardCharsets.UTF_8)) : read(given);
            layers.add(new ConfLayers.Layer(isJson ? "-conf" : given, patch));
            merged = merge(merged, patch);
        }
        return new ConfLayers(layers, merged);
    }

    public static JsonObject baseWith(String given) {
        return load(given).merged();
    }

    public static JsonObject packed() {
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

    /** Looked at by the parser first, which knows where in the text a fault is. */
    private static JsonObject parse(String source, byte[] json) {
        try (JsonParser parser = STRICT.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(parser, "no object", parser.currentTokenLocation());
            }
            while (!parser.getParsingContext().inRoot()) {
                if (parser.nextToken().isNumeric()) {
                    // throws if it has more digits than Jackson accepts
                    parser.getNumberValue();
                }
            }
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "more than one object", parser.currentTokenLocation());
            }
            return new JsonObject(Buffer.buffer(json));
        } catch (JsonProcessingException e) {
            throw new ConfException(source + ": " + where(e) + " (expected: a JSON object)");
        } catch (IOException | DecodeException e) {
            throw new ConfException(source + ": " + e.getMessage() + " (expected: a JSON object)");
        }
    }

    /** Not what stands there: it may be a token. */
    private static String where(JsonProcessingException e) {
        String what = e instanceof StreamConstraintsException ? "nested too deep, or too long" : "malformed";
        JsonLocation at = e.getLocation();
        return at == null ? what : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + what;
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
