"""Who reports, where, for which year, published when: invented bodies of real places, as reports print them."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.fold import fold
from nlp.identity import Identity, identify
from nlp.identity.dates import plain_dates, publication_date
from nlp.identity.gazetteer import gazetteer
from nlp.identity.names import level_of
from nlp.record import Level
from nlp.sections import split

BODY = "\n一、总体情况\n我们做了工作。\n二、主动公开政府信息情况\n规章 0\n五、存在的主要问题及改进情况\n人手不足。\n"


def identity(text: str, **stated: str) -> Identity:
    source = Source("report.txt", url=stated.pop("url", None))
    document = Document("id", source, text, **stated)  # type: ignore[arg-type]  # only fields of type str are given
    folded = fold(text)
    return identify(document, folded, split(document, folded))


Place = tuple[str | None, str | None, str | None]

TITLES: list[tuple[str, str, Level, Place]] = [
    ("河北省邯郸市磁县柳湾镇人民政府", "河北省邯郸市磁县柳湾镇人民政府", "township", ("河北省", "邯郸市", "磁县")),
    ("北京市海淀区青林街道办事处", "北京市海淀区青林街道办事处", "township", ("北京市", None, "海淀区")),
    ("天津市宝坻区水务局", "天津市宝坻区水务局", "department", ("天津市", None, "宝坻区")),
    ("上海市", "上海市", "province", ("上海市", None, None)),
    ("重庆市酉阳土家族苗族自治县人民政府", "重庆市酉阳土家族苗族自治县人民政府", "county",
     ("重庆市", None, "酉阳土家族苗族自治县")),
    ("山西省运城市人民政府", "山西省运城市人民政府", "city", ("山西省", "运城市", None)),
    ("平遥县文物局", "平遥县文物局", "department", ("山西省", "晋中市", "平遥县")),
    ("内蒙古自治区人民政府", "内蒙古自治区人民政府", "province", ("内蒙古自治区", None, None)),
    ("阿鲁科尔沁旗林业和草原局", "阿鲁科尔沁旗林业和草原局", "department", ("内蒙古自治区", "赤峰市", "阿鲁科尔沁旗")),
    ("锡林郭勒盟行政公署", "锡林郭勒盟行政公署", "department", ("内蒙古自治区", "锡林郭勒盟", None)),
    ("沈阳市苏家屯区司法局", "沈阳市苏家屯区司法局", "department", ("辽宁省", "沈阳市", "苏家屯区")),
    ("岫岩满族自治县教育局", "岫岩满族自治县教育局", "department", ("辽宁省", "鞍山市", "岫岩满族自治县")),
    ("梨树县财政局", "梨树县财政局", "department", ("吉林省", "四平市", "梨树县")),
    ("延边州交通运输局", "延边州交通运输局", "department", ("吉林省", "延边朝鲜族自治州", None)),
    ("密山市民政局", "密山市民政局", "department", ("黑龙江省", "鸡西市", "密山市")),
    ("江苏省如皋市审计局", "江苏省如皋市审计局", "department", ("江苏省", "南通市", "如皋市")),
    ("昆山经济技术开发区管理委员会", "昆山经济技术开发区管理委员会", "other", ("江苏省", "苏州市", "昆山市")),
    ("浙江省住房和城乡建设厅", "浙江省住房和城乡建设厅", "department", ("浙江省", None, None)),
    ("开化县卫生健康局", "开化县卫生健康局", "department", ("浙江省", "衢州市", "开化县")),
    ("安徽省歙县人民政府办公室", "安徽省歙县人民政府办公室", "department", ("安徽省", "黄山市", "歙县")),
    ("福州市鼓楼区人民政府", "福州市鼓楼区人民政府", "county", ("福建省", "福州市", "鼓楼区")),
    ("江西省婺源县人力资源和社会保障局", "江西省婺源县人力资源和社会保障局", "department",
     ("江西省", "上饶市", "婺源县")),
    ("济南市历城区市场监督管理局", "济南市历城区市场监督管理局", "department", ("山东省", "济南市", "历城区")),
    ("莘县应急管理局", "莘县应急管理局", "department", ("山东省", "聊城市", "莘县")),
    ("河南省济源市信访局", "河南省济源市信访局", "department", ("河南省", None, "济源市")),
    ("汝州市第三中学", "汝州市第三中学", "other", ("河南省", "平顶山市", "汝州市")),
    ("湖北省仙桃市统计局", "湖北省仙桃市统计局", "department", ("湖北省", None, "仙桃市")),
    ("恩施州林业局", "恩施州林业局", "department", ("湖北省", "恩施土家族苗族自治州", None)),
    ("湘西土家族苗族自治州人民政府", "湘西土家族苗族自治州人民政府", "city", ("湖南省", "湘西土家族苗族自治州", None)),
    ("麻阳苗族自治县人民政府", "麻阳苗族自治县人民政府", "county", ("湖南省", "怀化市", "麻阳苗族自治县")),
    ("广东省东莞市城市管理和综合执法局", "广东省东莞市城市管理和综合执法局", "department", ("广东省", "东莞市", None)),
    ("深圳市龙华区教育局", "深圳市龙华区教育局", "department", ("广东省", "深圳市", "龙华区")),
    ("广西壮族自治区桂林市人民政府", "广西壮族自治区桂林市人民政府", "city", ("广西壮族自治区", "桂林市", None)),
    ("海南省澄迈县人民政府", "海南省澄迈县人民政府", "county", ("海南省", None, "澄迈县")),
    ("四川省凉山彝族自治州盐源县人民政府", "四川省凉山彝族自治州盐源县人民政府", "county",
     ("四川省", "凉山彝族自治州", "盐源县")),
    ("成都市双流区某某幼儿园", "成都市双流区某某幼儿园", "other", ("四川省", "成都市", "双流区")),
    ("贵州省黔西南州农业农村局", "贵州省黔西南州农业农村局", "department", ("贵州省", "黔西南布依族苗族自治州", None)),
    ("大理州发展和改革委员会", "大理州发展和改革委员会", "department", ("云南省", "大理白族自治州", None)),
    ("西藏自治区那曲市人民政府", "西藏自治区那曲市人民政府", "city", ("西藏自治区", "那曲市", None)),
    ("陕西省西安市碑林区审计局", "陕西省西安市碑林区审计局", "department", ("陕西省", "西安市", "碑林区")),
    ("甘肃省庆阳市环县人民政府", "甘肃省庆阳市环县人民政府", "county", ("甘肃省", "庆阳市", "环县")),
    ("青海省门源回族自治县人民政府", "青海省门源回族自治县人民政府", "county",
     ("青海省", "海北藏族自治州", "门源回族自治县")),
    ("宁夏回族自治区盐池县人民医院", "宁夏回族自治区盐池县人民医院", "other", ("宁夏回族自治区", "吴忠市", "盐池县")),
    ("新疆维吾尔自治区焉耆回族自治县公安局", "新疆维吾尔自治区焉耆回族自治县公安局", "department",
     ("新疆维吾尔自治区", "巴音郭楞蒙古自治州", "焉耆回族自治县")),
    ("国家税务总局霍邱县税务局", "国家税务总局霍邱县税务局", "department", ("安徽省", "六安市", "霍邱县")),
    ("武夷山风景名胜区管理委员会", "武夷山风景名胜区管理委员会", "other", ("福建省", "南平市", "武夷山市")),
    ("苏州市轨道交通集团有限公司", "苏州市轨道交通集团有限公司", "other", ("江苏省", "苏州市", None)),
    ("杭州市江干区民政局", "杭州市江干区民政局", "department", ("浙江省", "杭州市", "江干区")),
    ("宁乡县环境保护局", "宁乡县环境保护局", "department", ("湖南省", "长沙市", "宁乡县")),
    ("襄樊市水利局", "襄樊市水利局", "department", ("湖北省", "襄樊市", None)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "name", "level", "place"), TITLES, ids=[case[0] for case in TITLES])
def test_agency_level_and_region_from_the_title(body: str, name: str, level: Level, place: Place) -> None:
    found = identity(f"{body}2021年政府信息公开工作年度报告{BODY}")
    region = found.agency.region
    assert found.title == f"{body}2021年政府信息公开工作年度报告"
    assert (found.agency.name, found.agency.level) == (name, level)
    assert (region.province, region.city, region.county) == place
    assert region.adcode is not None and len(region.adcode) == 6
    assert found.year == 2021


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("莘县柳湾镇\n2022 年政府信息公开工作年度报告", "莘县柳湾镇2022年政府信息公开工作年度报告", "莘县柳湾镇"),
        ("- 1 -\n莘县水利局\n2022年度信息公开\n工作年度报告", "莘县水利局2022年度信息公开工作年度报告", "莘县水利局"),
        ("莘县水利局关于2022年信息公开工作情况的报告", "莘县水利局关于2022年信息公开工作情况的报告", "莘县水利局"),
        ("2022年莘县水利局政府信息公开年报", "2022年莘县水利局政府信息公开年报", "莘县水利局"),
        ("莘县水利局政府信息公开工作2022年度报告", "莘县水利局政府信息公开工作2022年度报告", "莘县水利局"),
        ("《莘县水利局2022年政府信息公开工作年度报告》", "莘县水利局2022年政府信息公开工作年度报告", "莘县水利局"),
        ("莘县水利局二〇二二年政府信息公开工作年度报告", "莘县水利局二〇二二年政府信息公开工作年度报告", "莘县水利局"),
        ("莘县人民政府信息公开工作年度报告（2022年）", "莘县人民政府信息公开工作年度报告（2022年）", "莘县人民政府"),
        ("莘县水利局2022年政务公开工作总结", "莘县水利局2022年政务公开工作总结", "莘县水利局"),
        ("莘縣水利局2022年政府信息公開工作年度報告", "莘縣水利局2022年政府信息公開工作年度報告", "莘县水利局"),
        ("标题：莘县水利局2022年政府信息公开工作年度报告", "莘县水利局2022年政府信息公开工作年度报告", "莘县水利局"),
        ("当前位置：首页 > 政府信息公开年报\n2022年政府信息公开工作年度报告", "2022年政府信息公开工作年度报告", None),
        ("现公布莘县水利局2022年政府信息公开工作年度报告，请查阅。", None, "莘县水利局"),
        ("根据规定，特编制《莘县水利局2022年政府信息公开工作年度报告》。全文六部分。", None, "莘县水利局"),
        ("本报告由莘县水利局根据条例编制。统计期限自2022年1月1日起至2022年12月31日止。", None, "莘县水利局"),
        ("统计到2022年底。如有疑问，请与莘县水利局办公室联系（地址：甘泉路1号）。", None, "莘县水利局"),
        ("来源：莘县水利局　日期：2023-01-12\n我局2022年工作如下。", None, "莘县水利局"),
        ("2022年，莘县水利局坚持公开。", None, "莘县水利局"),
    ],
)  # fmt: skip
def test_title_and_name_wherever_they_stand(text: str, title: str | None, name: str | None) -> None:
    found = identity(text + BODY)
    assert (found.title, found.agency.name, found.year) == (title, name, 2022)


def test_name_from_the_signature() -> None:
    found = identity(
        "2022年政府信息公开工作年度报告" + BODY + "六、其他需要报告的事项\n无。\n莘县水利局\n2023年1月18日"
    )
    assert (found.agency.name, found.published) == ("莘县水利局", "2023-01-18")


def test_name_without_its_place_is_completed() -> None:
    found = identity("2019年县水利局政府信息公开工作年度报告\n来源：县水利局\n请与莘县水利局联系（电话：1）。" + BODY)
    assert found.agency.name == "莘县水利局"
    assert found.agency.region.county == "莘县"


def test_own_words_are_no_name() -> None:
    assert identity("我局2022年政府信息公开工作年度报告\n现将我局情况报告如下。" + BODY).agency.name is None


@pytest.mark.parametrize(
    ("evidence", "place"),
    [
        ("", ("", "", "")),
        ("鼓楼区政府设在福州市。", ("福建省", "福州市", "鼓楼区")),
        ("请与本局联系（电话：0516-80000000）。", ("江苏省", "徐州市", "鼓楼区")),
        ("按照开封市委的要求。", ("河南省", "开封市", "鼓楼区")),
        ("可在 www.nanjing.gov.cn 下载。", ("江苏省", "南京市", "鼓楼区")),
    ],
)
def test_ambiguous_county_needs_evidence(evidence: str, place: tuple[str, str, str]) -> None:
    region = identity(f"鼓楼区水务局2022年政府信息公开工作年度报告\n{evidence}{BODY}").agency.region
    assert tuple(part or "" for part in astuple(region)[:3]) == place
    assert (region.adcode is None) == (place[0] == "")


def test_township_of_a_common_name_is_placed_by_the_site() -> None:
    text = "固城镇2022年政府信息公开工作年度报告\n今年工作平稳。" + BODY
    assert identity(text).agency.region.county is None
    assert identity(text, site="合水县人民政府门户网站").agency.region.county == "合水县"
    assert identity(text, url="http://www.heshui.gov.cn/nb.html").agency.region.county == "合水县"
    assert identity(text, site="莘县人民政府门户网站").agency.region.county == "莘县"


@pytest.mark.parametrize(
    "name", ["凤台岭县公安局", "钟山岭市水务局", "归宁县民政局", "碧沟县林业局", "清水桥街道办事处", "垣北区司法局"]
)
def test_name_that_only_holds_the_letters_of_a_place_is_not_placed(name: str) -> None:
    found = identity(f"{name}2022年政府信息公开工作年度报告{BODY}").agency
    assert found.name == name
    assert found.region.province is None


def test_place_above_the_agency_keeps_its_district_out() -> None:
    region = identity("三亚市水务局2022年政府信息公开工作年度报告\n地址：三亚市吉阳区迎宾路。" + BODY).agency.region
    assert (region.city, region.county) == ("三亚市", None)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("浙江省人民政府", "province"),
        ("凉山彝族自治州人民政府", "city"),
        ("浦东新区人民政府", "county"),
        ("迁安市人民政府", "county"),
        ("东莞市人民政府", "city"),
        ("青林乡人民政府", "township"),
        ("青林街道办事处", "township"),
        ("巴彦苏木人民政府", "township"),
        ("青林镇", "township"),
        ("青林镇中心小学", "other"),
        ("莘县青林镇卫生院", "other"),
        ("柳湾高新技术产业开发区管委会", "other"),
        ("柳湾新区教育局", "department"),
        ("莘县人民政府驻北京办事处", "department"),
        ("莘县公安局交通警察大队", "department"),
        ("莘县住房公积金管理中心", "department"),
        ("莘县人民法院", "other"),
        ("莘县自来水有限公司", "other"),
    ],
)
def test_level_of_a_name(name: str, level: Level) -> None:
    assert level_of(name) == level


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("统计期限自2019年1月1日起至2019年12月31日止。2020年1月公布。", 2019),
        ("统计期限为201911日起至20191231日止。公布于2020年1月20日。2020年将继续。2020年计划。", 2019),
        ("统计期限从二〇一九年一月一日到十二月三十一日。2020年3月公布。", 2019),
        ("现将2019年度政府信息公开工作情况报告如下。2018年相比增长。2020年打算。", 2019),
        ("2019年，我局发布信息。2019年没有申请。2020年加强。", 2019),
        ("2O19年我局发布信息。", 2019),
        ("一年来我局工作平稳。", None),
    ],
)
def test_year_is_the_period_reported(text: str, year: int | None) -> None:
    assert identity(text + BODY).year == year


@pytest.mark.parametrize(
    ("header", "tail", "day"),
    [
        ("发布时间：2020-01-20 15:22", "", "2020-01-20"),
        ("发布日期：2020年1月8日 来源：县政府", "", "2020-01-08"),
        ("信息来源：水利局 2020/01/20 浏览次数：3", "", "2020-01-20"),
        ("成文日期 | 2020-01-20 | 发布日期 | 2020-01-22 |", "", "2020-01-22"),
        ("日期:2020-01-20", "", "2020-01-20"),
        ("更新时间：", "", None),
        ("统计时间：2019年1月1日至2019年12月31日", "", None),
        ("发布时间：2018-03-02", "", None),
        ("", "无。\n莘县水利局\n2020年1月20日", "2020-01-20"),
        ("", "无。\n二○二○年一月二十日", "2020-01-20"),
        ("", "无。莘县水利局 2020年1月20日\n附件：统计表", "2020-01-20"),
        ("", "自2019年1月1日至2019年12月31日", None),
        ("", "会议于2020年1月20日召开，研究了公开工作。", None),
        ("发布时间：2020-02-30", "", None),
    ],
)
def test_publication_date(header: str, tail: str, day: str | None) -> None:
    ascii_marks = str.maketrans("：，（）", ":,()")
    header, tail = (plain_dates(part).translate(ascii_marks) for part in (header, tail))
    assert publication_date(header, tail, 2019) == day


def test_what_the_page_states_comes_first() -> None:
    found = identity(
        "2022年政府信息公开工作年度报告" + BODY,
        title="莘县水利局2022年政府信息公开工作年度报告_莘县人民政府",
        published="2023-01-19",
        author="莘县水利局",
    )
    assert found.title == "莘县水利局2022年政府信息公开工作年度报告"
    assert (found.agency.name, found.published) == ("莘县水利局", "2023-01-19")


def test_chinese_numerals_in_dates() -> None:
    assert plain_dates("二〇一二年二月二十日、二○一九年十二月三十一日") == "2012年2月20日、2019年12月31日"


def test_gazetteer_knows_old_and_short_names() -> None:
    places = gazetteer()
    assert [p.adcode for p in places.full("宁乡县")] == [p.adcode for p in places.full("宁乡市")] == ["430182"]
    assert [p.name for p in places.short("宁乡")] == ["宁乡市"]
    assert places.short("大理州")[0].name == "大理白族自治州"
    assert places.by_pinyin("pingtan")[0].county == "平潭县"
    assert {p.city for p in places.township("固城镇")} >= {"保定市", "庆阳市"}


@settings(deadline=None)  # the first example reads the configuration
@given(
    st.text()
    | st.lists(st.sampled_from(["莘县", "人民政府", "2022年", "政府信息公开", "报告", "\n", "（", "|"])).map("".join)
)
def test_any_text_is_read(text: str) -> None:
    found = identity(text)
    assert found.year is None or 2007 <= found.year < 2100
    assert found.agency.region.adcode is None or found.agency.region.province


@pytest.mark.parametrize("unit", ["县", "莘县水利局", "2022年1月1日 ", "（", "发布时间：", "政府信息公开", "我局"])
def test_long_repetitive_text_comes_to_an_end(unit: str) -> None:
    assert identity(unit * (50_000 // len(unit))).published is None


def test_real_reports(shared: Path) -> None:
    """The eleven real reports; the scorer's own measure is in the gate."""
    text = (shared / "gold" / "text" / "szfgs2024.txt").read_bytes().decode("utf-8-sig")
    found = identity(text)
    assert (found.agency.name, found.year, found.agency.region.city) == ("淮安市人民政府", 2024, "淮安市")
