package dev.crier.source;

import dev.crier.config.file.Section;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How the clock says the time, and how often. */
record ClockConf(DateTimeFormatter format, int periodMillis) {

    private static final String SYSTEM = "system";
    private static final int DAY = 86_400_000;

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
                pattern("h:mm:ss a", locale, zone),
                text -> pattern(text, locale, zone),
                "a pattern of java.time.format.DateTimeFormatter");
        return new ClockConf(format, section.integer("periodMillis", 1000, 10, DAY));
    }

    private static DateTimeFormatter pattern(String text, Locale locale, ZoneId zone) {
        DateTimeFormatter format = DateTimeFormatter.ofPattern(text, locale).withZone(zone);
        format.format(Instant.EPOCH);
        return format;
    }
}
