package dev.crier.jmh;

import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Reads the entries of the event log after a cursor. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadBenchmark {

    /** Number of entries after the cursor. */
    @Param({"1", "100"})
    public int entries;

    private EventLog log;
    private EventId cursor;

    @Setup
    public void openLog() {
        log = LogBenchmark.fullLog();
        cursor = log.newest();
        for (int i = 0; i < entries; i++) {
            log.append(LogBenchmark.PUBLICATION);
        }
    }

    @Benchmark
    public ReadResult read() {
        return log.read(LogBenchmark.NEWS, LogBenchmark.KEEP, cursor);
    }
}
