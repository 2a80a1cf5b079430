package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/** npm's {@code eventsource}, in Node. */
class EventSourceIT extends ClientContract {

    @Override
    Closeable connect(URI stream, Consumer<Received> events) throws Exception {
        return connect(stream, 1, events);
    }

    @Override
    int manyClients() {
        return 40;
    }

    @Override
    Closeable connectMany(URI stream, Consumer<Received> events) throws Exception {
        return connect(stream, manyClients(), events);
    }

    private static ClientProcess connect(URI stream, int count, Consumer<Received> events) throws Exception {
        String driver = Packages.npm().resolve("eventsource.mjs").toString();
        return new ClientProcess(List.of("node", driver, stream.toString(), String.valueOf(count)), events);
    }

    @Override
    boolean showsEveryType() {
        return false;
    }
}
