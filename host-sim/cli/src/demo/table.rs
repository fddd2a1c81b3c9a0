//! One readable table.

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What was sent.
    pub(super) request: String,
    /// The status the client got.
    pub(super) status: u16,
    /// The label of the refusal, or `-`.
    pub(super) reason: String,
    /// The identity headers that reached the service; `anonymous` when it was reached without any, `-` when it was not reached.
    pub(super) identity: String,
    /// Whether status and reason are what they should be.
    pub(super) as_expected: bool,
}

/// The table with a heading and a closing line.
pub(super) fn text(rows: &[Row]) -> String {
    let cells: Vec<[String; 4]> =
        std::iter::once(["request", "status", "reason", "identity the service saw"].map(str::to_owned))
            .chain(rows.iter().map(|row| {
                let mark = if row.as_expected { "" } else { "  <- not as it should be" };
                [row.request.clone(), row.status.to_string(), row.reason.clone(), format!("{}{mark}", row.identity)]
            }))
            .collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in &cells {
        for (cell, width) in row.iter().zip(widths) {
            text.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(&row[3]);
        text.push('\n');
    }
    let wrong = rows.iter().filter(|row| !row.as_expected).count();
    let verdict =
        if wrong == 0 { "all as they should be".to_owned() } else { format!("{wrong} not as they should be") };
    text.push_str(&format!("{} requests, {verdict}\n", rows.len()));
    text
}
