package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/** {@code httpx-sse}, in Python. */
class HttpxSseIT extends ClientContract {

    @Override
    Closeable connect(URI stream, Consumer<Received> events) throws Exception {
        String python = Packages.python().toString();
        String driver = Packages.FOLDER.resolve("httpx_sse_client.py").toString();
        return new ClientProcess(List.of(python, driver, stream.toString()), events);
    }

    @Override
    boolean showsEveryType() {
        return true;
    }
}
