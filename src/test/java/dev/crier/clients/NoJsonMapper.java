package dev.crier.clients;

import io.micronaut.json.JsonMapper;
import io.micronaut.json.JsonMapperSupplier;
import java.lang.reflect.Proxy;

/**
 * A JSON mapper that does nothing. Micronaut's client requires one, although it reads events as text. A real mapper depends on
 * {@code jackson-databind}, with which Vert.x would parse JSON differently in the tests than in the jar.
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
