package dev.crier.bench.peer;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.sqlite.JDBC;

/**
 * An SQLite file in which a floor stores events before it relays them, with the table, the index and the settings of Crier's
 * file. A thread of its own stores what waits, up to 1,000 events in one transaction. Nothing is ever deleted.
 */
final class FloorFile {

    private static final int MOST = 1_000;

    /** How many events a statement inserts. */
    private static final int GROUP = 50;

    private static final List<String> SETUP = List.of(
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA cache_size = -8192",
            """
            CREATE TABLE entry (millis INTEGER NOT NULL, sequence INTEGER NOT NULL, channel INTEGER NOT NULL,
              type TEXT NOT NULL, data TEXT NOT NULL, stored_millis INTEGER, PRIMARY KEY (millis, sequence)) WITHOUT ROWID""",
            "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)");

    private static final String INSERT = "INSERT OR FAIL INTO entry VALUES ";
    private static final String ROW = "(?, ?, ?, 'message', ?, NULL)";

    /** Events of one channel, and what is to happen when they are stored. */
    record Batch(int channel, List<String> data, Runnable stored) {}

    private final BlockingQueue<Batch> waiting = new LinkedBlockingQueue<>();
    private final Connection connection;
    private final PreparedStatement group;
    private final PreparedStatement one;
    private final List<Object> values = new ArrayList<>();
    private long transactions;

    FloorFile(Path file) throws SQLException {
        connection = new JDBC().connect(JDBC.PREFIX + file, new Properties());
        for (String statement : SETUP) {
            execute(statement);
        }
        group = connection.prepareStatement(INSERT + String.join(", ", Collections.nCopies(GROUP, ROW)));
        one = connection.prepareStatement(INSERT + ROW);
        var thread = new Thread(this::storeAll, "floor-file");
        thread.setDaemon(true);
        thread.start();
    }

    void add(Batch batch) {
        waiting.add(batch);
    }

    private void storeAll() {
        var batches = new ArrayList<Batch>();
        try {
            while (true) {
                batches.clear();
                batches.add(waiting.take());
                int events = batches.get(0).data().size();
                while (events < MOST && !waiting.isEmpty()) {
                    batches.add(waiting.remove());
                    events += batches.get(batches.size() - 1).data().size();
                }
                store(batches);
                batches.forEach(batch -> batch.stored().run());
            }
        } catch (InterruptedException | SQLException e) {
            throw new IllegalStateException(e); // nothing more is relayed, so the measurement fails
        }
    }

    private void store(List<Batch> batches) throws SQLException {
        execute("BEGIN IMMEDIATE");
        transactions++;
        long sequence = 0;
        for (Batch batch : batches) {
            for (String data : batch.data()) {
                Collections.addAll(values, transactions, sequence++, batch.channel(), data);
                if (values.size() == GROUP * 4) {
                    insert(group, values);
                    values.clear();
                }
            }
        }
        for (int row = 0; row < values.size(); row += 4) {
            insert(one, values.subList(row, row + 4));
        }
        values.clear();
        execute("COMMIT");
    }

    private static void insert(PreparedStatement statement, List<Object> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        statement.executeUpdate();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
