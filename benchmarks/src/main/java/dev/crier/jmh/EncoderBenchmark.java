package dev.crier.jmh;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Encodes an entry with 100 bytes of data into a new buffer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncoderBenchmark {

    /** Number of lines of the data. */
    @Param({"1", "10"})
    public int lines;

    private Entry entry;

    @Setup
    public void makeEntry() {
        int length = 100 / lines;
        String line = "x".repeat(length - 1);
        String data = (line + "\n").repeat(lines - 1) + line + "x";
        entry = new Entry(new EventId(1_763_800_000_000L, 0), new ChannelName("/news"), Event.of(data));
    }

    @Benchmark
    public Buffer encode() {
        return EventStream.append(Buffer.buffer(), entry);
    }
}
