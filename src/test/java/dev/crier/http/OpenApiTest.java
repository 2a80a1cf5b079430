package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Compares the OpenAPI document with the code, the configuration and the pages of the documentation. */
class OpenApiTest {

    private static final Set<String> METHODS = Set.of("get", "head", "post", "delete");

    private static final String TEXT = read("docs/openapi.yaml");

    private static final JsonObject DOCUMENT =
            new JsonObject(Json.encode(new Load(LoadSettings.builder().build()).loadFromString(TEXT)));

    private static final JsonObject PATHS = DOCUMENT.getJsonObject("paths");

    /** A row of a table that begins with statuses. */
    private static final Pattern STATUS_ROW = Pattern.compile("^\\| (\\d{3}(?:, \\d{3})*) \\|", Pattern.MULTILINE);

    private static final Pattern MANAGEMENT_ROW = Pattern.compile("^\\| `([A-Z]+) (/[^`]+)` \\|", Pattern.MULTILINE);

    private static final Pattern MANAGEMENT_PATH = Pattern.compile("serve\\(\\s*router, \"([^\"]+)\"");

    /** A limit with its default, such as {@code `publish.maxBytes` (65,536)}. */
    private static final Pattern LIMIT = Pattern.compile("`([a-z]+)\\.([a-zA-Z]+)` \\(([\\d,]+)\\)");

    @TempDir
    private Path folder;

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts Crier with a channel that accepts all methods, and with the store that has backups. */
    private RunningCrier crier() throws Exception {
        return new RunningCrier(new JsonObject("""
                        {
                          "management": {"port": 0},
                          "channels": {"/runs/:id": {"keep": {"events": 100}, "publish": true, "ends": true}}
                        }""")
                .put(
                        "log",
                        new JsonObject()
                                .put("store", "sqlite")
                                .put("file", folder.resolve("crier.db").toString())));
    }

    private static boolean isManagement(String path) {
        return PATHS.getJsonObject(path).containsKey("servers");
    }

    private static int port(RunningCrier crier, String path) {
        return isManagement(path) ? crier.managementPort() : crier.port();
    }

    private static String target(String path) {
        return path.replace("{channel}", "runs%2F1");
    }

    private static Set<String> methods(String path) {
        return PATHS.getJsonObject(path).fieldNames().stream()
                .filter(METHODS::contains)
                .map(String::toUpperCase)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<JsonObject> operations(String path) {
        JsonObject item = PATHS.getJsonObject(path);
        return item.fieldNames().stream().filter(METHODS::contains).map(item::getJsonObject);
    }

    private static JsonObject resolve(JsonObject object) {
        String reference = object.getString("$ref");
        if (reference == null) {
            return object;
        }
        JsonObject target = DOCUMENT;
        for (String name : reference.substring("#/".length()).split("/")) {
            target = target.getJsonObject(name);
            assertTrue(target != null, reference);
        }
        return target;
    }

    /** Calls the consumer with each object in the document, and its place. */
    private static void forEachObject(String place, Object value, BiConsumer<String, JsonObject> consumer) {
        if (value instanceof JsonObject object) {
            consumer.accept(place, object);
            object.forEach(entry -> forEachObject(place + "/" + entry.getKey(), entry.getValue(), consumer));
        } else if (value instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                forEachObject(place + "/" + i, array.getValue(i), consumer);
            }
        }
    }

    @Test
    void eachProblemIsAResponseWithItsTitleAndDetail() {
        Map<Integer, JsonObject> documented = new TreeMap<>();
        JsonObject responses = DOCUMENT.getJsonObject("components").getJsonObject("responses");
        for (String name : responses.fieldNames()) {
            JsonObject problem = responses
                    .getJsonObject(name)
                    .getJsonObject("content", new JsonObject())
                    .getJsonObject("application/problem+json");
            if (problem != null) {
                JsonObject example = problem.getJsonObject("example");
                documented.put(example.getInteger("status"), example);
            }
        }
        Map<Integer, JsonObject> problems = new TreeMap<>();
        for (Problem problem : Problem.values()) {
            problems.put(problem.status(), problem.body());
        }
        assertEquals(problems, documented);
    }

    @Test
    void eachOperationRefersToTheResponseOfTheStatus() {
        var wrong = new ArrayList<String>();
        for (String path : PATHS.fieldNames()) {
            operations(path)
                    .forEach(operation -> operation.getJsonObject("responses").forEach(entry -> {
                        JsonObject problem = resolve((JsonObject) entry.getValue())
                                .getJsonObject("content", new JsonObject())
                                .getJsonObject("application/problem+json", new JsonObject());
                        String status = String.valueOf(problem.getJsonObject("example", new JsonObject())
                                .getValue("status", entry.getKey()));
                        if (!entry.getKey().equals(status)) {
                            wrong.add(path + " " + operation.getString("operationId") + " " + entry.getKey());
                        }
                    }));
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void theDocumentHasTheStatusesOfTheHttpReference() {
        String page = read("docs/http.md");
        Set<String> reference = STATUS_ROW
                .matcher(page.substring(page.indexOf("\n## Errors")))
                .results()
                .flatMap(row -> Stream.of(row.group(1).split(", ")))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> document = PATHS.fieldNames().stream()
                .filter(path -> !isManagement(path))
                .flatMap(OpenApiTest::operations)
                .flatMap(operation -> operation.getJsonObject("responses").fieldNames().stream())
                .filter(status -> status.compareTo("400") >= 0)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(reference, document);
    }

    @Test
    void aStreamedPublicationHasTheStatusesOfTheHttpReference() {
        String page = read("docs/http.md");
        int begin = page.indexOf("If the request fails, the events before the failure are stored and stay.");
        Set<String> documented = PATHS.getJsonObject("/{channel}")
                .getJsonObject("post")
                .getJsonObject("responses")
                .fieldNames();
        List<String> statuses = STATUS_ROW
                .matcher(page.substring(begin, page.indexOf("\n#### ", begin)))
                .results()
                .map(row -> row.group(1))
                .toList();
        assertFalse(statuses.isEmpty());
        assertTrue(documented.containsAll(statuses), () -> statuses + " in " + documented);
    }

    @Test
    void theDocumentHasThePathsOfTheManagementListener() {
        Set<String> document = PATHS.fieldNames().stream()
                .filter(OpenApiTest::isManagement)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> code = MANAGEMENT_PATH
                .matcher(read("src/main/java/dev/crier/server/ManagementListener.java"))
                .results()
                .map(serve -> serve.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> page = MANAGEMENT_ROW
                .matcher(read("docs/operations.md"))
                .results()
                .collect(Collectors.toMap(row -> row.group(2), row -> row.group(1)));
        assertEquals(code, document);
        assertEquals(document, new TreeSet<>(page.keySet()));
        page.forEach((path, method) -> assertTrue(methods(path).contains(method), () -> method + " " + path));
    }

    @Test
    void eachPathAllowsTheMethodsThatTheDocumentHas() throws Exception {
        try (var crier = crier()) {
            for (String path : PATHS.fieldNames()) {
                try (var client =
                        RawClient.request(port(crier, path), "PROPFIND " + target(path), "Connection: close")) {
                    List<String> head = client.head();
                    assertEquals("HTTP/1.1 405 Method Not Allowed", head.get(0), path);
                    String allow = head.stream()
                            .filter(line -> line.startsWith("allow: "))
                            .map(line -> line.substring("allow: ".length()))
                            .findFirst()
                            .orElse("");
                    assertEquals(methods(path), new TreeSet<>(List.of(allow.split(", "))), path);
                }
            }
        }
    }

    @Test
    void aHeadRequestToTheManagementListenerGetsTheHeadersOfGet() throws Exception {
        try (var crier = crier()) {
            for (String path : PATHS.fieldNames()) {
                if (isManagement(path) && methods(path).contains("GET")) {
                    try (var get = RawClient.request(crier.managementPort(), "GET " + path);
                            var head = RawClient.request(crier.managementPort(), "HEAD " + path, "Connection: close")) {
                        assertEquals(named(get.head()), named(head.head()), path);
                        assertEquals("", head.rest(), path);
                    }
                }
            }
        }
    }

    /** Returns the lines that do not depend on the time, the connection or the length of the body. */
    private static List<String> named(List<String> head) {
        return head.stream()
                .filter(line -> !line.matches("(date|connection|content-length|transfer-encoding): .*"))
                .toList();
    }

    @Test
    void theManagementListenerServesTheDocument() throws Exception {
        try (var crier = crier();
                var client = RawClient.request(crier.managementPort(), "GET /openapi.yaml", "Connection: close")) {
            assertTrue(client.head().contains("content-type: application/yaml"));
            assertEquals(TEXT, client.rest());
        }
    }

    @Test
    void eachReferenceLeadsToAPartOfTheDocument() {
        var references = new ArrayList<String>();
        forEachObject("", DOCUMENT, (place, object) -> {
            if (object.getValue("$ref") instanceof String reference) {
                references.add(reference);
                resolve(object);
            }
        });
        assertFalse(references.isEmpty());
        forEachObject("", DOCUMENT.getJsonObject("components"), (place, object) -> {
            if (place.matches("/[^/]+/[^/]+") && !place.startsWith("/securitySchemes/")) {
                assertTrue(references.contains("#/components" + place), () -> "nothing refers to " + place);
            }
        });
    }

    @Test
    void eachExampleMatchesItsSchema() {
        var wrong = new ArrayList<String>();
        var examples = new ArrayList<String>();
        forEachObject("", DOCUMENT, (place, object) -> {
            Object schema = place.matches("/components/schemas/[^/]+") ? object : object.getValue("schema");
            if (schema instanceof JsonObject described) {
                for (Object example : examples(object)) {
                    examples.add(place);
                    OutputUnit result = validate(described, example);
                    if (!result.getValid()) {
                        wrong.add(place + ": " + example + ": " + result.getErrors());
                    }
                }
            }
        });
        assertEquals(List.of(), wrong);
        assertTrue(examples.size() > 40, examples::toString);
    }

    /** Returns the examples of a schema (a list) or of another object (an object each). */
    private static List<Object> examples(JsonObject object) {
        var examples = new ArrayList<Object>();
        if (object.containsKey("example")) {
            examples.add(object.getValue("example"));
        }
        if (object.getValue("examples") instanceof JsonArray list) {
            list.forEach(examples::add);
        } else if (object.getValue("examples") instanceof JsonObject named) {
            named.forEach(entry -> examples.add(((JsonObject) entry.getValue()).getValue("value")));
        }
        return examples;
    }

    private static OutputUnit validate(JsonObject schema, Object value) {
        JsonObject all = schema.copy()
                .put(
                        "components",
                        new JsonObject()
                                .put(
                                        "schemas",
                                        DOCUMENT.getJsonObject("components").getJsonObject("schemas")));
        var options = new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri("http://crier.test/")
                .setOutputFormat(OutputFormat.Basic);
        return Validator.create(JsonSchema.of(all), options).validate(value);
    }

    @Test
    void eachLimitHasTheDefaultOfTheConfiguration() {
        var defaults = new JsonObject(read("conf/config.json"));
        Matcher limit = LIMIT.matcher(TEXT);
        int limits = 0;
        while (limit.find()) {
            limits++;
            int value = Integer.parseInt(limit.group(3).replace(",", ""));
            assertEquals(defaults.getJsonObject(limit.group(1)).getInteger(limit.group(2)), value, limit.group());
        }
        assertTrue(limits >= 6, () -> "too few limits");
    }

    @Test
    void theDocumentHasTheVersionOfCrier() {
        Matcher version = Pattern.compile("<artifactId>crier</artifactId>\\s*<version>(.*)</version>")
                .matcher(read("pom.xml"));
        assertTrue(version.find());
        assertEquals(version.group(1), DOCUMENT.getJsonObject("info").getString("version"));
    }
}
