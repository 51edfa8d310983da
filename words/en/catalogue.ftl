# The matter catalogue and the duty list

refusal-demands-dispatch-withdrawn = “{ $matter }” was taken back by an upper department and cannot be dispatched to { $unit }. Send it to { $department }.
refusal-demands-dispatch-unit-inactive = { $unit } no longer exists. Choose another unit.
refusal-catalogue-change-later-version = { $code } has a version that begins on { $day }. Let the change begin on that day or later.
refusal-catalogue-change-unknown-matter = The catalogue has no matter “{ $value }”. Give a code, the beginning of codes (06*) or *.

refusal-import-file-encoding = The file is not in UTF-8. Save it as “CSV UTF-8 (comma delimited)” and import it again.
refusal-import-file-csv = This line cannot be read: { $why }. A quotation mark without its partner is the usual cause.
refusal-import-file-columns = Missing columns: { $columns }. The first line must hold the names of the columns.
refusal-import-file-geojson = This is no GeoJSON file that can be used: { $why }.
refusal-import-file-json = This is no JSON file that can be used: { $why }.
refusal-import-row-missing = Nothing is filled in.
refusal-import-row-number = “{ $value }” is wrong: a whole number from { $from } to { $to } is needed.
refusal-import-row-day = “{ $value }” is no date: write 2026-03-12.
refusal-import-row-word = “{ $value }” is not known. Known are: { $known }.
refusal-import-row-twice = “{ $value }” stands already in line { $first }.
refusal-import-row-limit = “{ $value }” is no limit: { $why ->
    [no_number] it must begin with a number
    [unknown_unit] the unit is not known (urgent_hour, work_hour, work_day, natural_day)
    [too_precise] three decimals at most
   *[other] it is too large
 }.
refusal-import-row-pattern = “{ $value }” is wrong: * may only stand at the end.
refusal-import-row-ends-before = The last day { $value } lies before the first.
refusal-import-row-overlap = The days overlap with those of line { $first }.
refusal-import-row-unit = No unit has the key “{ $value }”.
refusal-import-row-place = No place has the code “{ $value }”.
refusal-import-row-code = “{ $value }” is no code that can be used.
refusal-import-row-geometry = The boundary cannot be read: { $why }.
refusal-import-row-coordinate = “{ $value }” is no longitude or latitude.

duty-list-basic = Own duty
duty-list-assist = Assisting duty
duty-list-withdrawn = Taken back
verify-onsite = Checked on site
verify-photo = Checked by photo
verify-phone = Checked by phone
verify-none = Not checked
callback-all = Everyone called back
callback-sample = A sample called back
callback-none = Nobody called back
photos-before_after = One before, one after
photos-after = One after
photos-none = None needed
secret-ordinary = Ordinary
secret-petition = Petition
secret-report = Report
