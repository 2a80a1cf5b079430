package dev.crier.clients;

import io.micronaut.json.JsonMapper;
import io.micronaut.json.JsonMapperSupplier;
import java.lang.reflect.Proxy;

/**
 * A JSON mapper without which Micronaut's client does not start, although it reads events as text. A real mapper would bring
 * {@code jackson-databind}, with which Vert.x would read JSON differently in the tests than in the jar.
 */
public final class NoJsonMapper implements JsonMapperSupplier {

    @Override
    public JsonMapper get() {
        return (JsonMapper) Proxy.newProxyInstance(
                JsonMapper.class.getClassLoader(), new Class<?>[] {JsonMapper.class}, (mapper, method, arguments) -> {
                    throw new UnsupportedOperationException(method.toString());
                });
    }
}
