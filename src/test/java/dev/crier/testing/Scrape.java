package dev.crier.testing;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The metrics of one scrape, in the text format 0.0.4 of Prometheus. */
public final class Scrape {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"[^\"]*\",?");

    private final String text;
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();

    public Scrape(String text) {
        this.text = text;
        for (String line : text.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            if (type.matches()) {
                types.put(type.group(1), type.group(2));
            } else if (!line.startsWith("#")) {
                Matcher sample = SAMPLE.matcher(line);
                if (!sample.matches()) {
                    throw new IllegalArgumentException("not a sample: " + line);
                }
                samples.put(line.substring(0, sample.start(3) - 1), Double.valueOf(sample.group(3)));
            }
        }
    }

    public static Scrape of(RunningCrier crier) throws IOException {
        return of(crier.managementPort());
    }

    public static Scrape of(int managementPort) throws IOException {
        try (var client = RawClient.request(managementPort, "GET /metrics", "Connection: close")) {
            List<String> head = client.head();
            if (!head.get(0).equals("HTTP/1.1 200 OK")) {
                throw new IOException(head.get(0));
            }
            return new Scrape(client.rest());
        }
    }

    public String text() {
        return text;
    }

    /** Returns the value of a series, such as {@code crier_gaps_total{channel="/news"}}. */
    public double value(String series) {
        Double value = samples.get(series);
        if (value == null) {
            throw new AssertionError("no " + series + " in\n" + text);
        }
        return value;
    }

    /** Returns the type of each metric. */
    public Map<String, String> types() {
        return types;
    }

    /** Returns the names of all samples. A histogram has several. */
    public List<String> names() {
        return samples.keySet().stream()
                .map(series -> series.replaceFirst("\\{.*", ""))
                .distinct()
                .toList();
    }

    /** Returns the names of the labels of a metric, without the {@code le} of a histogram. */
    public String labels(String metric) {
        return samples.keySet().stream()
                .filter(series -> series.matches(metric + "(_bucket|_count|_sum)?(\\{.*})?"))
                .flatMap(series ->
                        LABEL.matcher(series.replaceFirst("[^{]*\\{?", "")).results())
                .map(label -> label.group(1))
                .filter(label -> !label.equals("le"))
                .collect(Collectors.collectingAndThen(
                        Collectors.toCollection(TreeSet::new), all -> String.join(", ", all)));
    }
}
