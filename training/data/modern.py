"""Everyday modern Chinese from patterns, written for this project: contemporary prose is what free corpora lack
most."""

PEOPLE = '我 我们 小明 小红 王老师 李医生 妈妈 爸爸 爷爷 奶奶 我妹妹 他哥哥 张先生 刘小姐 我的朋友 我同学 邻居 经理 司机 孩子们'.split()
TIMES = '今天早上 昨天晚上 上个星期 每天下午 明天中午 周末 去年夏天 这个月 刚才 下个星期五 放学以后 吃完饭以后 下雨的时候 有空的时候'.split()
PLACES = '北京 上海 学校 公园 图书馆 超市 医院 机场 火车站 公司 家里 咖啡馆 教室 海边 电影院 银行 厨房 办公室 广州 邮局'.split()
ACTIONS = (
    '看书 买水果 学习中文 打篮球 听音乐 做饭 写作业 跑步 看电影 喝咖啡 上网 开会 等朋友 拍照片 打电话 练习唱歌 休息 找工作 修电脑 '
    '收拾房间 吃火锅 坐地铁 画画 游泳 聊天'
).split()
THINGS = '苹果 手机 电脑 自行车 衣服 书包 雨伞 面包 牛奶 机票 照片 钥匙 杯子 词典 礼物 蛋糕 茶 鞋子 报纸 相机'.split()
QUALITIES = '很便宜 太贵了 非常好看 有点旧 不太新鲜 特别方便 又大又红 质量不错 真漂亮 很实用 有点重 很耐用'.split()
FEELINGS = '很高兴 有点累 非常开心 很着急 特别紧张 不太舒服 觉得很有意思 有些担心 十分满意 很忙 很放心 有点生气'.split()
WEATHER = '下雨 下雪 刮大风 天气很好 很冷 很热 是晴天 有点凉快 有雾 不太冷'.split()
REASONS = '路上堵车 天气不好 没有时间 身体不舒服 要准备考试 工作太忙 忘了带钱 手机没电了 起得太晚 想早点回家'.split()
TOPICS = '学习 工作 健康 旅行 音乐 科学 历史 天气 电影 做饭 运动 环境 经济 教育 网络 交通'.split()
NUMBERS = '两 三 四 五 六 七 八 九 十'.split()
SLOTS = dict(
    P=PEOPLE, T=TIMES, L=PLACES, A=ACTIONS, O=THINGS, Q=QUALITIES, F=FEELINGS, W=WEATHER, R=REASONS, C=TOPICS, N=NUMBERS
)

SENTENCES = '''
{T}，{P}在{L}{A}。
{P}{T}要去{L}{A}。
{P}想在{L}买一些{O}，可是那里的{O}{Q}。
因为{R}，所以{P}没有去{L}。
虽然{R}，但是{P}还是去{L}{A}了。
{P}一边{A}，一边{A}。
{T}{L}{W}，{P}只好在{L}{A}。
如果明天{W}，{P}就不去{L}了。
{P}觉得这里的{O}{Q}，就买了{N}个。
{P}已经在{L}等了{N}个小时，{F}。
{P}说{T}会和{P}一起{A}。
听说{L}的{O}{Q}，{P}打算{T}去看看。
{P}的{O}不见了，{P}{F}。
只要有时间，{P}就会去{L}{A}。
{P}对{C}很感兴趣，常常在{L}看这方面的书。
{C}对我们的生活越来越重要。
很多人认为，{C}和{C}是分不开的。
{P}在{L}工作了{N}年，每天都{A}。
请把{O}放在{L}，谢谢。
这个{O}是{P}送给{P}的，{Q}。
{P}先去{L}{A}，然后回家{A}。
{T}{P}第一次来到{L}，{F}。
除了{A}以外，{P}还喜欢{A}。
{P}从{L}回来的时候，外面{W}。
老师告诉我们，学好{C}需要时间和耐心。
{P}每个星期{A}{N}次，所以身体很好。
由于{R}，会议改到{T}举行。
{L}离{L}不远，走路只要{N}分钟。
'''.split()

QUESTIONS = '''
{P}{T}在哪里？|{P}{T}在{L}{A}。
{L}的天气怎么样？|{L}今天{W}。
你为什么没来{L}？|因为{R}，所以我没来。
这个{O}多少钱？|这个{O}{N}十块钱，{Q}。
你周末喜欢做什么？|周末我喜欢在{L}{A}。
{P}怎么了？|{P}{R}，{F}。
你对什么感兴趣？|我对{C}很感兴趣，也喜欢{A}。
从{L}到{L}要多久？|坐车大概要{N}十分钟。
你什么时候去{L}？|我{T}去{L}{A}。
{O}放在哪里了？|{O}在{L}，是{P}放的。
'''.split()


def fill(rng, pattern):
    out, i = [], 0
    while i < len(pattern):
        if pattern[i] == '{':
            out.append(rng.choice(SLOTS[pattern[i + 1]]))
            i += 3
        else:
            out.append(pattern[i])
            i += 1
    return ''.join(out)


def sentence(rng):
    return fill(rng, rng.choice(SENTENCES))


def question(rng):
    """A question and its answer; what is asked about stands in both."""
    pattern = rng.choice(QUESTIONS)
    for slot in 'PTLO':
        if pattern.split('|')[0].count('{' + slot + '}') == 1:
            pattern = pattern.replace('{' + slot + '}', rng.choice(SLOTS[slot]))
    return tuple(fill(rng, pattern).split('|'))


def document(rng):
    return ''.join(sentence(rng) for _ in range(rng.randint(3, 9)))
