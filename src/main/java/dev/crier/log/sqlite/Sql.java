package dev.crier.log.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A connection to SQLite and the statements prepared on it. One thread at a time uses it. */
final class Sql implements AutoCloseable {

    /** How long a statement of a running log waits for a lock of another tool, such as one that copies the file. */
    static final Duration MAX_LOCK_WAIT = Duration.ofSeconds(5);

    /** Statements that run together. */
    interface Work {
        void run() throws SQLException;
    }

    /** Reads one row of a result, or all rows. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Runs a prepared statement that has its values. */
    private interface Use<T> {
        T of(PreparedStatement statement) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Sql(Connection connection) {
        this.connection = connection;
    }

    /** Runs the work in a transaction, which is rolled back if the work or the commit fails. */
    void transact(Work work) throws SQLException {
        begin();
        try {
            work.run();
            execute("COMMIT");
        } catch (SQLException | RuntimeException e) {
            try {
                execute("ROLLBACK");
            } catch (SQLException again) {
                e.addSuppressed(again); // on a full disk, SQLite has already rolled back
            }
            throw e;
        }
    }

    /** Begins a transaction, after rolling back an earlier one for which that failed. */
    private void begin() throws SQLException {
        try {
            execute("BEGIN IMMEDIATE");
        } catch (SQLException e) {
            if (!e.getMessage().contains("within a transaction")) {
                throw e;
            }
            execute("ROLLBACK");
            execute("BEGIN IMMEDIATE");
        }
    }

    /** Runs a statement to its end and ignores its rows. {@link Statement#execute} would stop at the first row. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** Returns the first column of the pragma's first row, or an empty string if it has no rows. */
    String pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    /** Sets how long a statement waits for a lock of another connection. */
    void waitForLocks(Duration wait) throws SQLException {
        execute("PRAGMA busy_timeout = " + wait.toMillis());
    }

    /** Returns how many rows the statement has changed. */
    int update(String sql, Object... values) throws SQLException {
        return run(sql, PreparedStatement::executeUpdate, values);
    }

    <T> List<T> query(String sql, Row<T> row, Object... values) throws SQLException {
        return read(
                sql,
                rows -> {
                    var result = new ArrayList<T>();
                    while (rows.next()) {
                        result.add(row.read(rows));
                    }
                    return result;
                },
                values);
    }

    /** Returns what is read from the rows of a query. */
    <T> T read(String sql, Row<T> rows, Object... values) throws SQLException {
        return run(
                sql,
                statement -> {
                    try (ResultSet result = statement.executeQuery()) {
                        return rows.read(result);
                    }
                },
                values);
    }

    /** Returns the only row of a query that has one row at most. */
    <T> Optional<T> queryOne(String sql, Row<T> row, Object... values) throws SQLException {
        return query(sql, row, values).stream().findFirst();
    }

    /** Runs a statement. The driver closes a statement that fails, so the next call prepares it again. */
    private <T> T run(String sql, Use<T> use, Object... values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return use.of(statement);
        } catch (SQLException e) {
            prepared.remove(sql);
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
