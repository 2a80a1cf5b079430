package dev.crier.clients;

import io.micronaut.json.JsonMapper;
import io.micronaut.json.JsonMapperSupplier;
import java.lang.reflect.Proxy;

/**
 * The JSON mapper that Micronaut's client does not start without, though it has no use for one where events are read as
 * texts. A real one brings {@code jackson-databind}, with which Vert.x would read JSON in the tests otherwise than in the jar.
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
