# 列表里的一件
row-late = { $clock }{ $late }
row-due = { $clock } { $due }
row-over = { $state } { $when }
row-shelved = 挂账至 { $until }
row-upper = { $system } 上级件 { $number }
row-upper-due = 上级时限 { $when }
row-reports = 第 { $n } 人反映
row-photos = 附 { $n } 图
flag-urgent = 紧急
flag-supervised = 督办
flag-reopened = 重办 { $n } 次
flag-rework = 返工 { $n } 次
flag-returned = 退单 { $n } 次
flag-urged = 催办 { $n } 次
flag-asks-extension = 申请延期
flag-asks-pause = 申请暂停
flag-petition = 信访
flag-report = 举报
flag-exempt = 已剔除考核

# 一件诉求
case-opened = { $when } { $channel }
mark = { $person } · { $unit } · { $when }
photo-scene = 现场
photo-near = 近景
photo-before = 处置前
photo-after = 处置后
photo-paper = 书面材料
photo-alt = { $kind }：{ $title }
photo-caption = { $kind } { $when }
report-rating = { $score }，{ $solved }。{ $words }
requester-hidden = 诉求人信息不向本岗位显示
requester-erased = 诉求人信息已按规定删除
requester-none = 没有留下联系方式
requester-no-consent = 诉求人未同意告知承办企业，需要联系请找分拨席代为联系
requester-look = { $unit } { $when }
part-done-at = 办结 { $when }
part-done-late = 超时办结 { $when }
part-due = { $clock } { $due }
link-whole = 拆自
link-part = 拆出
link-merged-into = 并入
link-merged = 已并入本件
similar-metres = 相距 { $n } 米
similar-likeness = 相似 { $n }%

# 复制到群里的话，不含个人信息
copy-text = 【{ $no }】{ $matter }，{ $place }。承办：{ $unit }，{ $state }。
copy-due = 时限 { $when }{ $late }，请抓紧办理并反馈。
copy-late = （已超期）
copy-no-unit = 未定

# 分拨建议
advice-duty = 权责清单 { $code } { $matter } → { $unit }，{ $limit }。
advice-no-duty = 权责清单里没有“{ $matter }”，按过去谁办得多来建议。
advice-history = 近 12 个月同类办结 { $total } 件，其中 { $own } 件由其办结。
advice-subject = 按权责清单应由{ $unit }承办，但它或其上级是被反映对象，请另选单位或由上一级承办。
advice-withdrawn = 这是上级收回事项，不能分拨给街道单位，应由{ $department }办理。

# 表单
form-tells = 这段话诉求人会看到，请写清楚、写完整。
form-own-check = 您办过这件，此处没有其他人能核查：可以核查，会标记为“自核”并单独统计。
hint-route = 会告诉诉求人理由、依法途径和复核人
input-request = 哪一项申请
matter-condition = （{ $condition }）
matter-hint = { $class } · { $limit } · { $verify }
