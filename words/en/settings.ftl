regional-dispatch-fenbo = 分拨
regional-dispatch-paidan = 派单
regional-dispatch-paiqian = 派遣
regional-dispatch-jiaoban = 交办
regional-unit-chengban = 承办单位
regional-unit-zeren = 责任单位
regional-late-chaoqi = 超期
regional-late-yuqi = 逾期
refusal-settings-range = Enter a whole number from { $from } to { $to }.
refusal-settings-contest = Enter a limit above 0, up to 100.
settings-contest = Limit for contesting upstream ratings
settings-contest-hint = How long after an upstream rating came in it may be contested; as the platform rules.
refusal-settings-margin = Enter a margin from 0 to 100.
refusal-settings-word = There is no such word to choose.
settings-sub = These settings hold for everybody in the office. Every change is in the log.
settings-save = Save
settings-saved = Saved; in force at once.
settings-saved-hours = Saved. Open deadlines in work hours and working days are being counted again; the cases show it in a few seconds.
settings-office = Office
settings-name = Full name
settings-short = Short name
settings-short-hint = At the head of case numbers. A change holds for new numbers; old ones stay.
settings-hotline = The office’s own telephone
settings-hotline-hint = At the foot of the residents’ pages, beside 12345; blank for none.
settings-locale = Language
settings-locale-hint = Pages are in this language where a person has not chosen another.
settings-locale-zh = Chinese (简体中文)
settings-code = Office code
settings-zone = Time zone
settings-zone-now = { $zone }, now { $clock }
settings-hours = Office hours
settings-hours-hint = { $length } on a working day at present. Deadlines in work hours and working days are counted by them.
settings-hours-ranges = Hours of a working day
settings-hours-from = Range { $n } begins
settings-hours-to = Range { $n } ends
settings-hours-blank = 24-hour clock, such as 08:30; leave blank what is not needed.
settings-hours-look = What would move?
settings-hours-apply = Once saved, open deadlines are counted again from their own start, each in the log of its case; deadlines that have ended stay.
settings-hours-check = { $moved ->
    [0] Checked: no open deadline would move. Nothing has been saved yet.
    [one] Checked: one open deadline would move, { $earlier } of them forward. Nothing has been saved yet.
   *[other] Checked: { $moved } open deadlines would move, { $earlier } of them forward. Nothing has been saved yet.
}
settings-workdays = Working days
settings-workdays-value = Monday to Friday; holidays and worked weekends by the calendar, which is known to { $day }
settings-rules = Handling
settings-margin = Margin before an upstream deadline
settings-margin-hint = The units’ deadline ends so much before the upstream deadline, to leave time for checking and writing back. Holds for deadlines that start or move from now on; with 0 it ends at the upstream deadline itself.
settings-verify = Share of a new matter’s cases verified (%)
settings-callback = Share of a new matter’s cases called back (%)
settings-rate-hint = What a new matter begins with; existing ones are changed in the catalogue.
settings-retention = Days a requester’s contact is kept
settings-retention-hint = Erased for good so many days after their last case closed; { $from } to { $to } days. The residents’ privacy page says the same.
settings-words = Words
settings-words-hint = Chinese pages, those of residents included, use the word chosen here; what people wrote stays as it is.
settings-word-dispatch = To give a case to a unit
settings-word-unit = The unit that handles
settings-word-late = Past the deadline
settings-server = Server
settings-server-hint = Set in the configuration file gezhi.toml by whoever runs the server; only shown here.
settings-policy = Passwords
settings-policy-asvs = Checked by length and a list of common ones, no forced change (asvs)
settings-policy-mlps = Several kinds of characters, changed every 90 days (mlps)
settings-idle = Logged out without use after
settings-idle-value = { $desk }; grid workers’ phones { $field }
settings-session = One log-in lasts at most
settings-pack = Procedure for demands
settings-pack-value = Version { $hash }, in force since { $when }
settings-calendar = Calendar
settings-calendar-known = Known to { $day }. After that only weekends are known and deadlines are marked as expected.
settings-calendar-ends = The calendar is known to { $day } only; deadlines after it are expected ones. Import the next year once the State Council has announced it.
settings-calendar-import = Import a calendar
settings-calendar-sample = Download the present one as a sample
settings-calendar-hint = A CSV file with the columns date ({ $year }-01-01), kind (holiday, or workday for a worked weekend day) and name; iso_weekday is checked when it is there. Give the whole year.
settings-calendar-apply = Once imported, open deadlines in work hours and working days are counted again, each in the log of its case; deadlines that have ended stay.
settings-calendar-check = Checked: { $from } to { $until }, { $holidays } days off, { $adjusted } worked weekend days.
settings-calendar-moves = { $moved ->
    [0] No open deadline would move.
    [one] One open deadline would move, { $earlier } of them forward.
   *[other] { $moved } open deadlines would move, { $earlier } of them forward.
}
settings-calendar-again = Nothing has been written yet. To import, choose the file once more and press “Import”.
settings-calendar-done = { $moved ->
    [0] Calendar imported; no deadline had to move.
    [one] Calendar imported. One deadline is being counted again; its case shows it in a few seconds.
   *[other] Calendar imported. { $moved } deadlines are being counted again; the cases show it in a few seconds.
}
settings-calendar-days = { $n ->
    [one] One day differs from the present calendar
   *[other] { $n } days differ from the present calendar
}
settings-before = Now
settings-after = Afterwards
settings-kind-workday = Working day
settings-kind-adjusted = Worked weekend day
settings-kind-weekend = Weekend
settings-kind-holiday = Day off
settings-year = Year
settings-year-sum = { $year }: { $holidays } days off (weekends within holidays included), { $workdays } working days.
settings-year-unknown = { $year } has not been imported yet
settings-year-unknown-text = For now it counts as Monday to Friday and deadlines are marked as expected. Import the year once it has been announced.
settings-holidays = Days off
settings-holiday = Holiday
settings-dates = Dates
settings-count = Days
settings-adjusted = Worked weekend days
settings-adjusted-none = No worked weekend days.
settings-for = In exchange for
settings-day = { $weekday }, { $day }
settings-days = { $from } to { $to }
settings-weekday-1 = Mon
settings-weekday-2 = Tue
settings-weekday-3 = Wed
settings-weekday-4 = Thu
settings-weekday-5 = Fri
settings-weekday-6 = Sat
settings-weekday-7 = Sun
refusal-settings-name-long = At most { $most } characters.
refusal-settings-hotline = Enter 5 to 15 digits; hyphens and an area code are fine.
refusal-settings-hours = Each range needs a beginning and a later end; ranges in order, not touching, at least one.
refusal-settings-calendar-large = The file is too large for a calendar of a year or two. Keep the calendar’s rows only.
refusal-settings-calendar-nothing = Every day in the file is as in the present calendar; nothing to import.
refusal-settings-calendar-lacking = There is no holiday row for { $day }. Give the whole year with 1 January and 1 October, or holidays that are not in it would count as working days.
refusal-settings-calendar-no-column = The column { $name } is missing. The first line must name date, kind and name.
refusal-settings-calendar-malformed = This line has another number of cells than the first, or a quote is not closed. Complete it and try again.
refusal-settings-calendar-date = Not a date. Write 2027-01-01.
refusal-settings-calendar-weekday = The weekday is not the date’s. Check the date; Monday is 1, Sunday 7, or leave the column out.
refusal-settings-calendar-kind = Only holiday or workday may stand here.
refusal-settings-calendar-twice = This day is listed above already. Remove one of the rows.
refusal-settings-calendar-empty = The file has a header and no days.
refusal-settings-calendar-gap = A whole year would lie between this and the present calendar. Import the year between first.
