package dev.crier.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.Section;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configuration of the clock. */
class ClockConfTest {

    private static ClockConf read(JsonObject json) {
        return Section.read(json, ClockConf::read);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T00:00:00Z, 12:00:00 AM",
        "2026-11-23T01:02:03Z, 1:02:03 AM",
        "2026-11-23T12:00:00Z, 12:00:00 PM",
        "2026-11-23T13:23:45.999Z, 1:23:45 PM",
        "2026-11-23T23:59:59Z, 11:59:59 PM"
    })
    void theDefaultFormatEqualsToLocaleTimeStringInEnglish(Instant time, String text) {
        assertEquals(text, read(new JsonObject().put("zone", "UTC")).format().format(time));
    }

    @Test
    void theShippedConfigurationShowsEveryKeyAtItsDefault() throws Exception {
        JsonObject shipped = new JsonObject(Files.readString(Path.of("conf/config.json")))
                .getJsonObject("channels")
                .getJsonObject("/currentTime")
                .getJsonObject("source")
                .getJsonObject("config");
        assertEquals(Set.of("format", "locale", "zone", "periodMillis"), shipped.fieldNames());
        var time = Instant.parse("2026-11-23T13:23:45Z");
        assertEquals(
                read(new JsonObject()).format().format(time),
                read(shipped).format().format(time));
        assertEquals(read(new JsonObject()).periodMillis(), read(shipped).periodMillis());
    }

    @Test
    void formatLocaleZoneAndPeriodCanBeSet() {
        var conf = read(new JsonObject()
                .put("format", "EEEE HH:mm")
                .put("locale", "fr-FR")
                .put("zone", "Asia/Tokyo")
                .put("periodMillis", 60_000));
        assertEquals("mardi 00:30", conf.format().format(Instant.parse("2026-11-23T15:30:00Z")));
        assertEquals(60_000, conf.periodMillis());
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        var wrong = new JsonObject()
                .put("format", "QQQQQQQ")
                .put("locale", "en_US!")
                .put("zone", "Mars/Base")
                .put("periodMillis", 9)
                .put("period", 1);
        assertEquals(
                List.of(
                        "locale: \"en_US!\" (expected: a language tag (BCP 47) such as en-US)",
                        "zone: \"Mars/Base\" (expected: a time zone such as Europe/Paris, or \"system\")",
                        "format: \"QQQQQQQ\" (expected: a pattern of java.time.format.DateTimeFormatter)",
                        "periodMillis: 9 (expected: 10..86400000)",
                        "period: unknown key (expected: periodMillis)"),
                assertThrows(ConfException.class, () -> read(wrong)).errors());
    }
}
