refusal-api-list-day = The day “{ $text }” cannot be read; write 2026-03-01.
refusal-api-act-limit = The limit “{ $text }” cannot be read; write work_day:5.
refusal-api-act-occurred = The time “{ $text }” cannot be read or lies ahead; write 2026-03-12T15:24:00+08:00.
refusal-api-report-key = The header Idempotency-Key is missing; a retry of the same thing uses the same value.
refusal-api-report-choice = “{ $text }” is none of the values that can be used: { $known }.
refusal-api-report-matter = The catalogue has no matter with the code “{ $text }” in force.
refusal-api-report-point = Longitude and latitude are wrong.
refusal-api-report-place = There is no place with the code “{ $text }”.
