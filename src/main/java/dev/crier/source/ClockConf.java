package dev.crier.source;

import dev.crier.config.file.Section;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The clock's configuration: the format of the time, and how often the time is published. */
record ClockConf(DateTimeFormatter format, int periodMillis) {

    private static final String SYSTEM = "system";
    private static final int DAY_MILLIS = 86_400_000;

    static ClockConf read(Section section) {
        Locale locale = section.parsed(
                "locale",
                Locale.US,
                tag -> new Locale.Builder().setLanguageTag(tag).build(),
                "a language tag (BCP 47) such as en-US");
        ZoneId zone = section.parsed(
                "zone",
                ZoneId.systemDefault(),
                id -> id.equals(SYSTEM) ? ZoneId.systemDefault() : ZoneId.of(id),
                "a time zone such as Europe/Paris, or \"" + SYSTEM + "\"");
        DateTimeFormatter format = section.parsed(
                "format",
                formatter("h:mm:ss a", locale, zone),
                pattern -> formatter(pattern, locale, zone),
                "a pattern of java.time.format.DateTimeFormatter");
        return new ClockConf(format, section.integer("periodMillis", 1000, 10, DAY_MILLIS));
    }

    /** Formats once, because some invalid patterns fail only then. */
    private static DateTimeFormatter formatter(String pattern, Locale locale, ZoneId zone) {
        DateTimeFormatter formatter =
                DateTimeFormatter.ofPattern(pattern, locale).withZone(zone);
        formatter.format(Instant.EPOCH);
        return formatter;
    }
}
