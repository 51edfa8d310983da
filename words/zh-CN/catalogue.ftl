# 事项目录与权责清单

refusal-demands-dispatch-withdrawn = “{ $matter }”已由上级收回，不能分拨给{ $unit }。请转{ $department }。
refusal-demands-dispatch-unit-inactive = { $unit }已停用，请另选单位。
refusal-catalogue-change-later-version = { $code } 另有一个从 { $day } 起的版本。请把起用日期填在那天或之后。
refusal-catalogue-change-unknown-matter = 目录里没有事项“{ $value }”。可填事项编码、类别开头（如 06*）或 *。

refusal-import-file-encoding = 文件不是 UTF-8 编码。请另存为“CSV UTF-8（逗号分隔）”再导入。
refusal-import-file-csv = 这一行读不出来：{ $why }。常见原因是引号没有成对。
refusal-import-file-columns = 缺少列：{ $columns }。第一行须是列名。
refusal-import-file-geojson = 这不是可用的 GeoJSON 文件：{ $why }。
refusal-import-file-json = 这不是可用的 JSON 文件：{ $why }。
refusal-import-row-missing = 没有填写。
refusal-import-row-number = “{ $value }”不对，应为 { $from } 到 { $to } 的整数。
refusal-import-row-day = “{ $value }”不是日期，应写成 2026-03-12。
refusal-import-row-word = “{ $value }”不认识，可填：{ $known }。
refusal-import-row-twice = “{ $value }”在第 { $first } 行已经出现过。
refusal-import-row-limit = “{ $value }”不是时限：{ $why ->
    [no_number] 要以数字开头
    [unknown_unit] 单位不认识（可用 紧急工作时、工作时、工作日、自然日）
    [too_precise] 小数最多三位
   *[other] 数值太大
 }。
refusal-import-row-pattern = “{ $value }”不对：* 只能放在最后。
refusal-import-row-ends-before = 截止日 { $value } 早于起用日。
refusal-import-row-overlap = 与第 { $first } 行的起止日期重叠。
refusal-import-row-unit = 没有代码为“{ $value }”的单位。
refusal-import-row-place = 没有编码为“{ $value }”的区域。
refusal-import-row-code = “{ $value }”不是可用的编码。
refusal-import-row-geometry = 边界读不出来：{ $why }。
refusal-import-row-coordinate = “{ $value }”不是经纬度。

duty-list-basic = 基本履职
duty-list-assist = 配合履职
duty-list-withdrawn = 上级收回
verify-onsite = 现场核查
verify-photo = 看照片核查
verify-phone = 电话核查
verify-none = 不核查
callback-all = 全部回访
callback-sample = 抽样回访
callback-none = 不回访
photos-before_after = 处置前、后各一张
photos-after = 处置后一张
photos-none = 不要求
secret-ordinary = 普通
secret-petition = 信访
secret-report = 举报
