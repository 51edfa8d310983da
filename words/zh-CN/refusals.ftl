# 办理中不能这样做的原因，每条都说明可以怎么办
refusal-demands-act-forbidden = 您的岗位不能对这件诉求这样办。需要的话，请承办单位或分拨人员来办。
refusal-demands-act-not-now = 现在不能这样办。这件可能已被别人办过，请看办理记录。
refusal-demands-act-not-your-part = 您的单位在这件里没有可以这样办的部分。
refusal-demands-act-unknown = 办理流程里没有这一步。
refusal-demands-act-wrong-state = 现在的状态不能这样办。这件可能已被别人办过，请看办理记录。
refusal-demands-add-co-already = 这个单位已经是本件的主办或协办。
refusal-demands-ask-extension-too-late = 办理时限已过，不能再申请延期。延期须在到期之前提出；请尽快办结，情况写在办理结果里。
refusal-demands-call-satisfied-range = 满意度请在“很不满意”到“很满意”五档里选一档。
refusal-demands-clock-paused = 时限正在暂停，没有到期时间可算。请先恢复计时。
refusal-demands-close-two-calls = 至少两次回访未接通，才能以联系不上结案。
refusal-demands-decide-no-request = 没有等待审批的申请，可能已被别人处理。
refusal-demands-detach-only-report = 本件只有这一条反映，不能再移出。
refusal-demands-dispatch-is-subject = 被反映对象及其下属不能承办或协办本件。请另选单位，或由上一级承办。
refusal-demands-dispatch-lead-is-co = 主办单位不能同时作协办。
refusal-demands-dispatch-no-such-unit = 没有这个单位，或已停用。请另选单位。
refusal-demands-extend-no-clock = 没有正在走的办理时限可以延长。
refusal-demands-extend-upper-binds = 上级时限 { $upper } 已没有余地，本办无法再延。请先向上级平台申请延期；新的时限导入后，这里会自动顺延。
refusal-demands-return-up-no-ticket = 这一件没有在办的上级件，不能退回上级。
refusal-demands-return-up-merged = 这一件并了 { $count } 条反映，退回会把别的也带走。请先把要退回的那条移出并单。
refusal-demands-return-up-again = 上级已裁定过一次，不能再退。请按裁定办理。
refusal-demands-return-up-too-late = 上级的退单时限 { $when } 已过，不能再退回。
refusal-demands-extend-other-unit = 延期须与原时限用同一单位（{ $unit ->
    [urgent_hour] 紧急工作时
    [work_hour] 工作时
    [natural_day] 自然日
   *[work_day] 工作日
}）。
refusal-demands-finish-co-units-open = 还有 { $count } 个协办单位没有办结，主办不能先办结。可以催协办，或请分拨人员调整。
refusal-demands-finish-not-signed = 先签收，再办结。
refusal-demands-finish-photo-needed = 这个事项办结须附处置后的照片。
refusal-demands-merge-other-subject = 本件反映的是另一个单位，并过去后会被它看到。请核对被反映对象，再决定是否并单。
refusal-demands-merge-not-open = 只有两件都在办时才能并单。
refusal-demands-merge-other-class = 普通诉求、信访、举报之间不能并单。
refusal-demands-merge-same = 不能并入自己，请选另一件。
refusal-demands-report-phone = 电话号码不对，请核对；不留电话可以空着。
refusal-demands-report-text-too-long = 内容最多 { $most } 字，请精简或拆成几件。
refusal-demands-report-too-many-photos = 照片最多 { $most } 张。
refusal-demands-return-already-ruled = 退单已经审核裁定过，不能再次退单（一次裁定后不得二次退单）。有新情况请写进展并联系综合网格中心。
refusal-demands-reveal-no-consent = 诉求人没有同意把电话告诉承办的企业。请联系分拨席，由分拨席代为联系。
refusal-demands-reveal-nothing = 诉求人没有留下联系方式，或信息已按规定删除。
refusal-demands-shelve-day-past = 挂账的复查日期须在今天之后。
refusal-demands-split-two-parts = 拆单至少要有两件事。
refusal-demands-split-wrong-state = 只有待受理、待分拨的件能拆单；已拆出来的部分不能再拆。
refusal-demands-unmerge-not-merged = 这件没有并入别的件。
refusal-demands-upper-spoilt-number = 上级编号“{ $number }”不完整，像是被表格软件改成了科学计数。请从上级平台复制原编号。
refusal-demands-verify-handled-it = 经办过这件的人不能核查或回访它，请另一位同事来办。

# 列表与表单
refusal-cases-list-not-a-day = “{ $text }”不是日期，请写成 2026-03-12。
refusal-desk-co-twice = 同一个单位只能协办一次。
refusal-desk-limit-unreadable = “{ $text }”不是时长，请填大于 0 的数字，最多三位小数。
refusal-desk-occurred-future = 发生时间不能晚于现在。
refusal-desk-occurred-too-early = 发生时间不能早于本件登记或分拨的时间。
refusal-desk-occurred-unreadable = “{ $text }”不是时间。
refusal-desk-subject-long = 被反映对象最多 { $most } 字。

# 条件
refusal-condition-empty = 条件是空的。
refusal-condition-too-long = 条件太长，最多 { $max } 字节。
refusal-condition-too-deep = 括号最多 { $max } 层。
refusal-condition-too-many-nodes = 条件太复杂，最多 { $max } 个部分。
refusal-condition-character = 第 { $at } 处的“{ $character }”不能用在条件里。
refusal-condition-number = “{ $number }”不是整数。
refusal-condition-text-open = 引号没有成对。
refusal-condition-escape = 不认识转义“{ $escape }”。
refusal-condition-unknown-name = 没有“{ $name }”这个字段，可用的字段见下方。
refusal-condition-unknown-function = 没有“{ $name }”这个函数。
refusal-condition-has-operand = has() 里只能写一个字段名。
refusal-condition-syntax = 条件写得不完整，请检查第 { $at } 处附近。
refusal-condition-not-a-condition = 这里要写一个条件，例如 case.urgent 或 case.returns > 0。
refusal-condition-not-a-value = 这里要写一个值，不能是条件或列表。
refusal-condition-types = { $left } 与 { $right } 不能用 { $operator } 比较。
refusal-condition-list = in 后面要写列表，例如 ["closed", "calling"]。
refusal-condition-list-item = 列表里的值要与左边同类。
refusal-condition-null = null 只能与字段比较是否相等。
refusal-condition-argument = { $function } 里的参数不对。
refusal-condition-duration = “{ $text }”不是时长，请写成 1h30m。
refusal-condition-timestamp = “{ $text }”不是时间，请写成 2026-03-12T09:00:00+08:00。
refusal-condition-not-parsed = 暂时没能读出条件，请再试一次。
refusal-condition-memory-only = “{ $name }”不能用来筛选列表。

# 字段
field-matter = 事项
field-subject = 被反映对象
field-urgent = 紧急
field-note = 内容
field-basis = 依据
field-route = 依法途径
field-lead = 主办单位
field-co = 协办单位
field-limit = 时长
field-photos = 照片
field-request = 申请
field-missing = 缺少条件
field-reviewer = 复核人
field-solved = 是否解决
field-satisfied = 满意度
field-text = 内容
field-phone = 电话
field-rating = 评价
field-number = 编号
field-via = 代录来源
field-occurred = 发生时间
field-where = 条件
field-into = 并入哪一件
field-parts = 各部分
field-system = 上级平台
field-due = 上级时限
field-view = 视图名称
refusal-desk-bulk-no-suggestion = 权责清单没有建议单位，请逐件选择。
refusal-desk-photo-unreadable = “{ $name }”不是能用的照片（JPEG、PNG、WebP）。
refusal-desk-merge-no-case = 没有编号为 { $no } 的诉求，或不在您的范围内。
refusal-desk-upper-known = 上级编号 { $number } 已关联到另一件。
refusal-desk-views-many = 视图最多 { $most } 个，请先删除不用的。
refusal-sheet-html = 这个文件其实是网页。请在平台上另选“导出 Excel”，或打开后另存为 .xlsx 再导入。
refusal-sheet-kind = 看不懂这个文件。请用 .xls、.xlsx 或 .csv。
refusal-sheet-workbook = 这个工作簿打不开，可能有密码或已损坏。请在表格软件里打开，另存为 .xlsx 再导入。
refusal-sheet-empty = 没有找到数据：要有一行表头，下面至少一行。
refusal-sheet-many = 一次最多导入 { $most } 行，请分几次。
refusal-sheet-heavy = 这个文件里的单元格或文字太多，一次读不了。请只把表格复制到新的工作簿，或分几次导入。
refusal-sheet-csv = 第 { $line } 行读不出来，可能少了一个引号。
