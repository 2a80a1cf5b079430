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

/** Finds the configuration files, reads and merges them. */
public final class ConfFile {

    private static final String NAME = "conf/config.json";
    private static final String OPTION = "-conf";
    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ConfFile() {}

    /**
     * Loads {@code conf/config.json} from the working folder, or else from beside the jar, or else from the jar itself.
     * Applies the value of {@code -conf} to it as a JSON merge patch (RFC 7396): objects are merged, null removes a key, and
     * any other value replaces.
     *
     * @param option the value of {@code -conf}, which is JSON or the path of a JSON file; or null
     * @throws ConfException if a file cannot be read, or is not a JSON object
     */
    public static ConfLayers load(String option) {
        var layers = new ArrayList<ConfLayers.Layer>();
        JsonObject merged = packed();
        Optional<Path> base = SearchPath.find(NAME);
        if (base.isPresent()) {
            JsonObject file = read(base.get());
            layers.add(new ConfLayers.Layer(base.get().toString(), file));
            // merged into the defaults rather than in their place, so that the option can change the default channels
            merged.mergeIn(file);
        }
        if (option != null) {
            boolean isJson = option.stripLeading().startsWith("{");
            JsonObject patch = isJson ? parse(OPTION, option.getBytes(StandardCharsets.UTF_8)) : read(option);
            layers.add(new ConfLayers.Layer(isJson ? OPTION : option, patch));
            merged = merge(merged, patch);
        }
        return new ConfLayers(layers, merged);
    }

    /** Returns the configuration in the jar, which has every key at its default. */
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
            throw new ConfException(unreadable(file, "not a valid path"));
        }
    }

    private static JsonObject read(Path file) {
        try {
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new ConfException(unreadable(file, "no such file"));
        } catch (AccessDeniedException e) {
            throw new ConfException(unreadable(file, "access denied"));
        } catch (IOException e) {
            throw new ConfException(unreadable(file, e.getMessage()));
        }
    }

    private static String unreadable(Object file, String reason) {
        return file + ": " + reason + " (expected: a readable file with a JSON object)";
    }

    /** Checks the syntax with a parser of its own first, because {@code JsonObject} does not report the line and column. */
    private static JsonObject parse(String source, byte[] json) {
        try (JsonParser parser = STRICT.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(parser, "not an object", parser.currentTokenLocation());
            }
            while (!parser.getParsingContext().inRoot()) {
                if (parser.nextToken().isNumeric()) {
                    // throws if the number has more digits than Jackson accepts
                    parser.getNumberValue();
                }
            }
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "more than one object", parser.currentTokenLocation());
            }
            return new JsonObject(Buffer.buffer(json));
        } catch (JsonProcessingException e) {
            throw new ConfException(source + ": " + describe(e) + " (expected: a JSON object)");
        } catch (IOException | DecodeException e) {
            throw new ConfException(source + ": " + e.getMessage() + " (expected: a JSON object)");
        }
    }

    /** Describes a syntax error without Jackson's message, which quotes the text at fault: it may be a token. */
    private static String describe(JsonProcessingException e) {
        String problem = e instanceof StreamConstraintsException ? "nested too deeply, or too long" : "malformed JSON";
        JsonLocation at = e.getLocation();
        return at == null ? problem : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + problem;
    }

    private static JsonObject merge(JsonObject target, JsonObject patch) {
        JsonObject merged = target.copy();
        for (String key : patch.fieldNames()) {
            Object value = patch.getValue(key);
            if (value == null && merged.containsKey(key)) {
                merged.remove(key);
            } else if (value instanceof JsonObject inner) {
                JsonObject base = merged.getValue(key) instanceof JsonObject object ? object : new JsonObject();
                merged.put(key, merge(base, inner));
            } else {
                merged.put(key, value);
            }
        }
        return merged;
    }
}
