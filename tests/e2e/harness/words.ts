// What the pages call what the steps of the round touch, in each of their languages.

export interface Words {
  // The form of a report.
  what: string
  where: string
  phone: string
  name: string
  reply: string
  share: string
  submit: string
  // The way to one's report.
  number: string
  code: string
  lookUp: string
  // The form of acceptance.
  aboutNobody: string
}

export const chinese: Words = {
  what: '您要反映什么事？',
  where: '具体在哪里',
  phone: '电话',
  name: '怎么称呼您',
  reply: '办完给我回话',
  share: '可以把我的电话告诉承办单位',
  submit: '提交',
  number: '编号',
  code: '查询码',
  lookUp: '查询',
  aboutNobody: '无',
}

export const english: Words = {
  what: 'What would you like to report?',
  where: 'Where exactly',
  phone: 'Phone',
  name: 'Your name',
  reply: 'Call me back when it is done',
  share: 'The handling firm may have my phone number',
  submit: 'Submit',
  number: 'Number',
  code: 'Tracking code',
  lookUp: 'Look up',
  aboutNobody: 'None',
}
