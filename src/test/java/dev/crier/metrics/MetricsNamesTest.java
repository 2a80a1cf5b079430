package dev.crier.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares the table of {@code docs/metrics.md} and the dashboard with the metrics of a running Crier. */
class MetricsNamesTest {

    private static final Pattern ROW =
            Pattern.compile("^\\| `(crier_\\w+)` \\| (\\w+) \\| ([^|]*)\\|", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("crier_\\w+");

    /** The prefix of the virtual machine's metrics, which differ between machines. */
    private static final String JVM = "crier_jvm_";

    private static RunningCrier crier;
    private static Scrape scrape;

    @BeforeAll
    static void run() throws Exception {
        crier = new RunningCrier(new JsonObject().put("management", new JsonObject().put("port", 0)));
        System.gc(); // this metric exists after the first collection
        Eventually.until("the collection is measured", () -> {
            scrape = Scrape.of(crier);
            return scrape.types().containsKey("crier_jvm_gc_pause_seconds");
        });
    }

    @AfterAll
    static void close() throws Exception {
        crier.close();
    }

    /** Returns the type and the labels of each metric on the page. */
    private static Map<String, String> onThePage() throws Exception {
        return ROW.matcher(Files.readString(Path.of("docs/metrics.md")))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1),
                        row -> row.group(2) + " "
                                + row.group(3).replace("`", "").trim(),
                        (one, other) -> one + " twice",
                        TreeMap::new));
    }

    private static boolean isMaximumOfAnother(String name) {
        return name.endsWith("_max") && scrape.types().containsKey(name.replaceFirst("_max$", ""));
    }

    @Test
    void thePageHasEachMetricWithItsTypeAndLabels() throws Exception {
        Map<String, String> onThePage = onThePage();
        var real = new TreeMap<String, String>();
        scrape.types().forEach((name, type) -> {
            boolean mayBeLeftOut = name.startsWith(JVM) && !onThePage.containsKey(name);
            if (!mayBeLeftOut && !isMaximumOfAnother(name)) {
                real.put(name, type + " " + scrape.labels(name));
            }
        });
        assertEquals(lines(real), lines(onThePage));
    }

    private static String lines(Map<String, String> metrics) {
        return metrics.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }

    @Test
    void everyNameFollowsThePrometheusConventions() {
        scrape.types().forEach((name, type) -> {
            assertTrue(name.matches("crier(_[a-z]+)+"), name);
            assertEquals(type.equals("counter"), name.endsWith("_total"), name);
            assertTrue(!type.matches("histogram|summary") || name.endsWith("_seconds"), name);
            assertFalse(name.matches(".*_(millis|milliseconds|ms|kilobytes)(_.*)?"), name);
        });
    }

    /** Returns the metrics in the expressions of the dashboard. */
    private static Set<String> dashboard() throws Exception {
        var dashboard = new JsonObject(Files.readString(Path.of("conf/grafana-dashboard.json")));
        Stream<String> expressions = objects(dashboard.getJsonArray("panels"))
                .flatMap(panel -> objects(panel.getJsonArray("targets", new JsonArray())))
                .map(target -> target.getString("expr"));
        Stream<String> variables = objects(dashboard.getJsonObject("templating").getJsonArray("list"))
                .map(variable -> variable.getString("definition", ""));
        return Stream.concat(expressions, variables)
                .flatMap(expression -> NAME.matcher(expression).results())
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast);
    }

    @Test
    void everyMetricOfTheDashboardExists() throws Exception {
        Set<String> shown = dashboard();
        shown.removeAll(scrape.names());
        assertEquals(Set.of(), shown);
    }

    @Test
    void theDashboardShowsEveryMetricOfCrier() throws Exception {
        Set<String> shown = dashboard();
        List<String> missing = scrape.types().keySet().stream()
                .filter(name -> !name.startsWith(JVM))
                .filter(name -> shown.stream().noneMatch(one -> one.matches(name + "(_bucket|_count|_sum)?")))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void theDashboardsPanelsDoNotOverlap() throws Exception {
        var occupied = new TreeSet<String>();
        objects(new JsonObject(Files.readString(Path.of("conf/grafana-dashboard.json"))).getJsonArray("panels"))
                .map(panel -> panel.getJsonObject("gridPos"))
                .forEach(grid -> {
                    for (int x = grid.getInteger("x"); x < grid.getInteger("x") + grid.getInteger("w"); x++) {
                        for (int y = grid.getInteger("y"); y < grid.getInteger("y") + grid.getInteger("h"); y++) {
                            assertTrue(x < 24 && occupied.add(x + ", " + y), x + ", " + y);
                        }
                    }
                });
        assertFalse(occupied.isEmpty());
    }
}
