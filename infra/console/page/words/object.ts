export const object = {
  'object.of': ['Timeline of {object}', '{object} 的时间线'],
  'object.none': ['Nothing is known of this object here.', '此处没有该对象的记录。'],
  'object.gap': ['{time} without an event', '{time} 没有事件'],
  'object.earlier': ['Earlier events are in the archive:', '更早的事件在归档中：'],
  'object.find': ['Show the timeline of an object', '查看对象的时间线'],
  'object.show': ['Show', '查看'],
  'object.hint': [
    'In Live, choose an event and follow the link to its object. Or name one:',
    '在“实时”中选择事件并点击其对象链接，或在此填写：',
  ],
  'object.since': ['{n} {n?event:events} over {time}', '{time} 内 {n} 个事件'],
} as const;
