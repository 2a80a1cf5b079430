package dev.crier.bench.load;

import java.util.Map;
import java.util.stream.Stream;

/**
 * The counters at one moment.
 *
 * @param published the number of acknowledged events
 */
record Snapshot(
        double serverCpu,
        double redisCpu,
        double clientCpu,
        long nanos,
        long delivered,
        long published,
        boolean redis) {

    static Snapshot of(Endpoint server, long delivered, long published) {
        boolean redis = server.redisPort() > 0;
        return new Snapshot(
                server.usage().cpuSeconds(),
                redis ? cpuSeconds(new Redis(server.redisPort()).process()) : 0,
                cpuSeconds(ProcessHandle.current()),
                System.nanoTime(),
                delivered,
                published,
                redis);
    }

    private static double cpuSeconds(ProcessHandle process) {
        return ProcessUsage.of(Stream.of(process)).cpuSeconds();
    }

    double deliveredPerSecondSince(Snapshot start) {
        return (delivered - start.delivered) * 1e9 / (nanos - start.nanos);
    }

    /** Adds the values of the time since the earlier moment. */
    void addSince(Snapshot start, Map<Metric, Double> values) {
        if (published > start.published) {
            values.put(Metric.PUBLISHED, (published - start.published) * 1e9 / (nanos - start.nanos));
            if (redis) {
                values.put(Metric.REDIS_CPU, (redisCpu - start.redisCpu) * 1e6 / (published - start.published));
            }
        }
        values.put(Metric.DELIVERED, deliveredPerSecondSince(start));
        if (delivered > start.delivered) {
            double microsPerEvent = 1e6 / (delivered - start.delivered);
            values.put(Metric.SERVER_CPU, (serverCpu - start.serverCpu) * microsPerEvent);
            values.put(Metric.CLIENT_CPU, (clientCpu - start.clientCpu) * microsPerEvent);
        }
    }
}
