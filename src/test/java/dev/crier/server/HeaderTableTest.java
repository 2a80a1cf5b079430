package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Threat: an HTTP/2 client makes Crier hold a large table of headers for its connection. */
class HeaderTableTest {

    /** The next header block begins with the table size (RFC 7541, 6.3): 001, then at least five bits. */
    @Test
    void theHeaderTableHasTheDefaultSizeAtMost() throws Exception {
        var conf = RunningCrier.channels("/news").put("http", new JsonObject().put("h2c", true));
        try (var crier = new RunningCrier(conf);
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            assertEquals(-1, tableSize(client), "it has not changed");
            client.settings(RawHttp2Client.HEADER_TABLE_SIZE, 0xffffffffL);
            int size = tableSize(client);
            assertTrue(size == -1 || size == 4096, "the default size: " + size);
            client.settings(RawHttp2Client.HEADER_TABLE_SIZE, 100);
            assertEquals(100, tableSize(client));
        }
    }

    /** Returns the last table size in the next response; -1 if it has none. */
    private static int tableSize(RawHttp2Client client) throws IOException {
        int stream = client.request("GET", "/nothing");
        RawHttp2Client.Frame frame;
        do {
            frame = client.frame();
        } while (frame.type() != RawHttp2Client.HEADERS || frame.stream() != stream);
        var block = Unpooled.wrappedBuffer(frame.payload());
        block.skipBytes((frame.flags() & 0x20) == 0 ? 0 : 5);
        int size = -1;
        while ((block.getByte(block.readerIndex()) & 0xe0) == 0x20) {
            size = block.readByte() & 0x1f;
            if (size == 0x1f) {
                for (int shift = 0, more = 0x80; more != 0; shift += 7) {
                    int next = block.readByte();
                    size += (next & 0x7f) << shift;
                    more = next & 0x80;
                }
            }
        }
        return size;
    }
}
