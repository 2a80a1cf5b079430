package dev.crier.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says what is wrong, in sentences for an operator. No sentence names a client. */
final class Problems {

    private static final Duration CERTIFICATE_WARNING = Duration.ofDays(14);

    /** The delay from which on the log names an event loop. The metric has a bucket up to it. */
    private static final double BLOCKED_MILLIS = 2_000;

    /** How far the newest event id may be ahead of the clock, as clocks of several machines differ. */
    private static final long CLOCK_MILLIS = 1_000;

    /** A limit is near from this part on. */
    private static final double NEAR = 0.9;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Problems() {}

    /**
     * Returns the sentences, the most urgent one first.
     *
     * @param earlier the moment a minute ago, or the first one
     */
    static List<String> of(Moment earlier, Moment now) {
        var problems = new ArrayList<String>();
        now.notReady().ifPresent(reason -> problems.add(reason + "."));
        addLog(problems, now.log());
        now.certificateEnd().ifPresent(end -> addCertificate(problems, now.time(), end));
        addNear(problems, now.files(), now.maxFiles(), "files are open", "a higher limit of open files, LimitNOFILE");
        addNear(
                problems,
                now.connections(),
                now.maxConnections(),
                "connections are open",
                "a higher limit of connections, limits.connections");
        addEventLoops(problems, earlier, now);
        addRefused(problems, now.refusedByAddress() - earlier.refusedByAddress());
        addDropped(problems, now.metrics().droppedLines() - earlier.metrics().droppedLines());
        addClock(problems, now.log().newestMillis() - now.time().toEpochMilli());
        return problems;
    }

    private static void addLog(List<String> problems, Moment.Log log) {
        boolean away = log.shared().isPresent() && !log.shared().get().connected();
        log.failure().ifPresent(failure -> {
            String since = TIME.format(Instant.ofEpochMilli(failure.sinceMillis()));
            if (away) {
                problems.add("Redis is away since " + since + ": " + failure.cause() + ".");
            } else if (log.readable()) {
                problems.add("The log cannot store since " + since + ": " + failure.cause() + ".");
            } else {
                problems.add("The log cannot be read since " + since + ": " + failure.cause() + ".");
            }
        });
        log.full().ifPresent(why -> problems.add("Publishing is refused, because " + why + "."));
    }

    private static void addCertificate(List<String> problems, Instant now, Instant end) {
        Duration left = Duration.between(now, end);
        if (left.isNegative()) {
            problems.add("The certificate has expired, at " + TIME.format(end) + ".");
        } else if (left.compareTo(CERTIFICATE_WARNING) < 0) {
            long days = left.toDays();
            problems.add("The certificate expires in "
                    + (days == 0 ? "less than a day" : days == 1 ? "1 day" : days + " days") + ", at "
                    + TIME.format(end)
                    + ".");
        }
    }

    private static void addNear(List<String> problems, int used, int max, String what, String remedy) {
        if (max < Integer.MAX_VALUE && used > NEAR * max) {
            problems.add("%d of %d %s (expected: %s).".formatted(used, max, what, remedy));
        }
    }

    private static void addEventLoops(List<String> problems, Moment earlier, Moment now) {
        now.blocked()
                .forEach(thread -> problems.add(thread + " is blocked, so its subscribers get their events late."));
        double longest = now.metrics()
                .loopDelay()
                .minus(earlier.metrics().loopDelay())
                .quantile(1)
                .orElse(0);
        if (now.blocked().isEmpty() && longest > BLOCKED_MILLIS) {
            problems.add("An event loop was blocked for more than 2 s in the last minute; the log names it.");
        }
    }

    private static void addRefused(List<String> problems, long refused) {
        if (refused > 0) {
            problems.add("%s in the last minute, because their address has too many (limits.subscribersPerAddress)."
                    .formatted(refused == 1 ? "1 subscriber was refused" : refused + " subscribers were refused"));
        }
    }

    private static void addDropped(List<String> problems, long dropped) {
        if (dropped > 0) {
            problems.add("%s dropped in the last minute, because standard output does not accept them."
                    .formatted(dropped == 1 ? "1 log line was" : dropped + " log lines were"));
        }
    }

    private static void addClock(List<String> problems, long aheadMillis) {
        if (aheadMillis > CLOCK_MILLIS) {
            problems.add(
                    "The clock of this machine is %d s behind the newest event id.".formatted(aheadMillis / 1_000));
        }
    }
}
