refusal-api-list-day = 日期“{ $text }”看不懂，应写成 2026-03-01。
refusal-api-act-limit = 时限“{ $text }”看不懂，应写成 work_day:5。
refusal-api-act-occurred = 时间“{ $text }”看不懂或在将来，应写成 2026-03-12T15:24:00+08:00。
refusal-api-report-key = 请求头里要有 Idempotency-Key，同一件事重试时用同一个值。
refusal-api-report-choice = “{ $text }”不在可用值之内：{ $known }。
refusal-api-report-matter = 目录里没有代码为“{ $text }”的现行事项。
refusal-api-report-point = 经纬度不对。
refusal-api-report-place = 没有代码为“{ $text }”的地点。
